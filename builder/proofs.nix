# The proofs about a bundle, each a derivation of its own that only a check asks for.
{
  # mkStep with all that the steps of one model have in common.
  step,
  # The bundle, and what runs on it.
  package,
  # The script that answers the golden inputs; null where the model has none.
  script,
}:
let
  proof =
    name: bundle: arguments:
    step name (
      {
        module = "builder.runtime.proofs.${name}";
        code = "${bundle}/code";
        params = "${bundle}/params.yaml";
        schema = null;
        inputs = { inherit bundle; };
      }
      // arguments
    );
  golden = proof "golden" package {
    inherit script;
    # Whoever answers must not see the bundle by way of this: it holds the answers.
    extra.allowedReferences = [ ];
  };
in
{
  fidelity = proof "fidelity" package { script = ""; };
}
// (
  if script == null then
    { }
  else
    {
      inherit golden;
      inference = proof "inference" golden { inherit script; };
    }
)
