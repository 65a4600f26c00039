//! How requests get in, and where certificates come from.
//!
//! Holds what `ingress` and `tls` in `mainstay.yaml` say, every default decided; never decides one.

use super::Issuer;

/// How requests get in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ingress {
    /// The controller.
    pub controller: Controller,
    /// How the controller is reached on the nodes.
    pub exposure: Exposure,
    /// The controller's namespace; also decided where there is none of ours.
    pub namespace: String,
    /// HTTP requests to a TLS host are sent to HTTPS.
    pub redirect_to_https: bool,
}

/// The ingress controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controller {
    /// Traefik.
    Traefik,
    /// ingress-nginx (retired in March 2026).
    IngressNginx,
    /// None of ours; Ingresses are written for whatever is there.
    None,
}

impl Controller {
    /// Returns the name of its IngressClass.
    pub fn ingress_class(self) -> &'static str {
        match self {
            Controller::IngressNginx => "nginx",
            Controller::Traefik | Controller::None => "traefik",
        }
    }
}

/// How the ingress controller is reached on the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// k3s' ServiceLB listens on 80 and 443.
    LoadBalancer,
    /// The controller's pods listen on 80 and 443.
    HostPort,
    /// High ports on every node.
    NodePort {
        /// Port for HTTP.
        http: u16,
        /// Port for HTTPS.
        https: u16,
        /// How 80 and 443 reach them.
        public_ports: PublicPorts,
    },
}

/// How ports 80 and 443 reach a NodePort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicPorts {
    /// The controller's pods listen on them too.
    HostPort,
    /// An nftables rule on the node.
    Redirect,
    /// A load balancer outside.
    External,
    /// They do not.
    None,
}

/// Where certificates come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Nowhere: no TLS.
    None,
    /// cert-manager, from Let's Encrypt over HTTP-01.
    CertManager {
        /// The address that Let's Encrypt writes to; empty where the spec names none.
        email: String,
        /// The issuers that are made.
        issuers: Vec<LetsEncrypt>,
        /// The issuer of production certificates.
        default: Issuer,
    },
}

/// A Let's Encrypt issuer that mainstay makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetsEncrypt {
    /// Untrusted certificates, generous limits.
    Staging,
    /// Trusted certificates.
    Production,
}
