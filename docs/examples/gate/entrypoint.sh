#!/bin/sh
# The entry point of a container: it starts the server with a verified model, or not at all.
# MODEL is the bundle, its statements beside it in MODEL.statements; /gate holds policy.yaml and revocations.json,
# which are no links (a ConfigMap's files are, unless each is mounted by its subPath).
# Without a ledger a tier with `rollback: refused` is refused: the pipeline has asked that before it shipped the image.
set -eu
: "${MODEL:?name the bundle}"
gate=${GATE:-/gate}
verified=${VERIFIED:-/run/model}

set -- "$@" # the server's own command, as the image's CMD gives it
if verifier verify "$MODEL" --policy "$gate/policy.yaml" --revocations "$gate/revocations.json" \
  ${SAMEBITS_LEDGER:+--ledger "$SAMEBITS_LEDGER"} --install "$verified"; then
  MODEL=$verified
  export MODEL
  exec "$@"
fi
echo "the model is not admitted: the server does not start" >&2
exit 1
