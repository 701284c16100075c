# Handwritten digits: a small numpy network on the UCI data set.
{
  mkModel,
  toolchains,
  sources,
}:
mkModel {
  name = "digits";
  version = "1.3.0";
  src = ./.;
  toolchain = toolchains.numpy;
  data.digits = sources.scikit-learn;
  prepare = [ "prepare.py" ];
  train = [
    "train.py"
    "network.py"
  ];
  evaluate = [
    "evaluate.py"
    "network.py"
  ];
  predict = [
    "predict.py"
    "network.py"
  ];
  card = "card.md";
}
