//! `.gitignore`: what must never be committed.

use crate::generate::{Context, Files};

const TEXT: &str = "\
# Secrets never belong here: not even for a moment, history keeps them.
.env
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

pub(super) fn emit(_context: &Context<'_>, files: &mut Files<'_>) {
    files.generated(".gitignore", TEXT);
}
