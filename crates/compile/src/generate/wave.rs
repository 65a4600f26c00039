//! The order in which the parts of a platform are delivered, whatever the engine calls it.

/// A step of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wave {
    /// Argo CD's projects, before any Application names them.
    Projects,
    /// Namespaces, before anything lives in them.
    Namespaces,
    /// Network policies and admission policies, before the pods that they are about.
    Policies,
    /// Controllers with their custom resource definitions.
    Controllers,
    /// What needs those definitions.
    CustomResources,
    /// An environment's namespace and its extra objects.
    Overlay,
    /// The workloads.
    App,
}
