#!/bin/sh
# Deploys a bundle, if the gate admits it: what is copied to the servers is what was verified, and nothing else.
# Usage: deploy.sh BUNDLE CHANNEL DIR; the others are files beside this script, or named by variables.
set -eu
here=$(dirname "$0")
bundle=$1 channel=$2 target=$3

# Exit codes: 0 admitted, 1 refused, 2 bad usage or bad input, 3 could not check. All but 0 end this script.
verifier verify "$bundle" \
  --policy "${POLICY:-$here/policy.yaml}" \
  --revocations "${REVOCATIONS:-$here/revocations.json}" \
  --ledger "${SAMEBITS_LEDGER:?name the ledger}" \
  --channel "$channel" \
  --install "$target"

# From here on only the installed folder is used: whoever changes "$bundle" now changes nothing.
if [ -n "${SERVER:-}" ]; then
  rsync --archive --delete --checksum "$target/" "$SERVER/"
fi
echo "deployed $bundle to $channel"
