//! `.gitignore`: what must never be committed; and what git must not do to `.mainstay/base`.

use crate::generate::{Context, Files};

const TEXT: &str = "\
# Secrets never belong here: not even for a moment, history keeps them.
*.env
.env.*
!.env.example
*.pem
*.key
*.p12
*.dec.yaml
*.decrypted.*
id_rsa*
id_ed25519*

# Access to clusters.
kubeconfig
kubeconfig.*
*.kubeconfig

# Passphrases and state of tools.
Pulumi.*.passphrase
.pulumi/
.terraform/
*.tfstate
*.tfstate.*

# What tools leave behind.
.DS_Store
*.swp
charts/*/charts/*.tgz
/.mainstay/journal
/.mainstay/journal.new
.mainstay-new-*
/.cache/
";

/// A checkout with other line ends would no longer be what was generated.
const ATTRIBUTES: &str = "\
# What was generated last, byte for byte: no other line ends, and folded in pull requests.
/base/** -text linguist-generated
/lock.yaml -text linguist-generated
";

pub(super) fn emit(_context: &Context<'_>, files: &mut Files<'_>) {
    files.generated(".gitignore", TEXT);
    files.generated(".mainstay/.gitattributes", ATTRIBUTES);
}
