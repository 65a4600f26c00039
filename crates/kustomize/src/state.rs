//! What a build has gathered so far: resources, settings and variables.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::identity::Id;
use crate::resource::{Behavior, Resource};
use crate::specs::Config;
use crate::vars::Var;

#[derive(Default)]
pub(crate) struct State {
    pub(crate) resources: Vec<Resource>,
    pub(crate) config: Option<Arc<Config>>,
    pub(crate) vars: BTreeMap<String, Var>,
}

/// Who is there already. One serves for many calls of [`State::add`], as long as nothing else changes the
/// resources in between: to gather it anew for each of many files would make a build quadratic.
pub(crate) struct Known(HashSet<Id>);

impl State {
    pub(crate) fn known(&self) -> Known {
        Known(self.resources.iter().map(|it| it.id().effective()).collect())
    }

    /// Adds resources; none may be there already.
    pub(crate) fn add(&mut self, more: Vec<Resource>, known: &mut Known) -> Result<(), String> {
        for resource in more {
            if !known.0.insert(resource.id().effective()) {
                let id = resource.id();
                return Err(format!("may not add resource with an already registered id: {id}"));
            }
            self.resources.push(resource);
        }
        Ok(())
    }

    /// Adds, replaces or merges what a generator made.
    pub(crate) fn absorb(&mut self, mut new: Resource) -> Result<(), String> {
        let id = new.id();
        let behavior = new.behavior;
        let fits = |(_, it): &(usize, &Resource)| {
            it.had_name(&id.name) && it.any_id(|other| id.same(other))
        };
        let mut found = self.resources.iter().enumerate().filter(fits).map(|(index, _)| index);
        let Some(index) = found.next() else {
            if matches!(behavior, Behavior::Merge | Behavior::Replace) {
                return Err(format!("id {id} does not exist; cannot merge or replace"));
            }
            drop(found);
            self.resources.push(new);
            return Ok(());
        };
        if found.next().is_some() {
            return Err(format!("found multiple objects that could accept merge of {id}"));
        }
        drop(found);
        let Some(old) = self.resources.get_mut(index) else { return Ok(()) };
        match behavior {
            Behavior::Replace => new.copy_metadata_from(old),
            Behavior::Merge => {
                new.copy_metadata_from(old);
                new.merge_data_from(old, "data");
                new.merge_data_from(old, "binaryData");
                if old.origin.is_some() {
                    new.origin.clone_from(&old.origin);
                }
            }
            Behavior::Unspecified | Behavior::Create => {
                return Err(format!(
                    "id {id} exists; can not use behavior: '{}', behavior must be merge or replace",
                    behavior.name()
                ));
            }
        }
        *old = new;
        Ok(())
    }

    pub(crate) fn add_config(&mut self, more: &Arc<Config>) -> Result<(), String> {
        self.config = Some(match self.config.take() {
            None => Arc::clone(more),
            Some(own) if Arc::ptr_eq(&own, more) => own,
            Some(own) => Arc::new(own.merged(more)?),
        });
        Ok(())
    }

    pub(crate) fn add_var(&mut self, var: Var) -> Result<(), String> {
        match self.vars.contains_key(&var.name) {
            true => Err(format!("var '{}' already encountered", var.name)),
            false => {
                self.vars.insert(var.name.clone(), var);
                Ok(())
            }
        }
    }
}
