{
  description = "Samebits: hermetic build rules for machine-learning models, with a verifier";

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
