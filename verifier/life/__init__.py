"""The life of an artefact: data, weights that can be read again, answers that repeat, a training that replays."""
