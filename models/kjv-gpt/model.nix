# A character-level transformer that writes verses in the manner of the King James Bible.
{
  mkModel,
  toolchains,
  sources,
}:
mkModel {
  name = "kjv-gpt";
  version = "1.3.0";
  src = ./.;
  toolchain = toolchains.torch-cpu;
  data.text = sources.bible-kjv-text;
  data.program = sources.bible-kjv;
  prepare = [
    "prepare.py"
    "bible.py"
  ];
  train = {
    files = [
      "train.py"
      "network.py"
    ];
    chunks = 8;
  };
  evaluate = [
    "evaluate.py"
    "network.py"
    "baseline.py"
    "sampling.py"
  ];
  predict = [
    "predict.py"
    "network.py"
  ];
  card = "card.md";
}
