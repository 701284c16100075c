{
  description = "Samebits: hermetic build rules for machine-learning models, and a verifier that takes nobody's word";

  outputs =
    { self }:
    let
      samebits = import ./builder;
    in
    {
      lib = samebits;
    }
    // samebits.outputs {
      models = ./models;
      locks = ./builder/locks;
    };
}
