//! Keywords that combine schemas: `not`, `allOf`, `anyOf`, `oneOf`, `if`.

use super::super::Draft;
use super::super::keywords::Keyword as K;
use super::{Frame, Validator};

impl Validator<'_> {
    pub(super) fn conditions(&mut self, frame: &mut Frame<'_>) {
        let document = self.document;
        if let Some(not) = frame.keywords.get(K::Not)
            && self.apply_same(not, frame, true).is_ok()
        {
            self.add(frame, || "'not' failed".to_owned());
        }
        if let Some(all) = frame.keywords.get(K::AllOf) {
            let mut problems = Vec::new();
            for node in document.items(all) {
                if let Err(problem) = self.apply_same(node, frame, false) {
                    problems.push(problem);
                    if frame.quick {
                        break;
                    }
                }
            }
            if !problems.is_empty() {
                self.add_all(frame, problems, "'allOf' failed");
            }
        }
        if let Some(any) = frame.keywords.get(K::AnyOf) {
            let mut problems = Vec::new();
            let mut matched = false;
            for node in document.items(any) {
                match self.apply_same(node, frame, false) {
                    Err(problem) => problems.push(problem),
                    Ok(()) => {
                        matched = true;
                        if frame.unevaluated.is_empty() {
                            break;
                        }
                    }
                }
            }
            if !matched {
                self.add_all(frame, problems, "'anyOf' failed");
            }
        }
        if let Some(one) = frame.keywords.get(K::OneOf) {
            let mut problems = Vec::new();
            let mut matched: Option<usize> = None;
            for (at, node) in document.items(one).enumerate() {
                match (self.apply_same(node, frame, matched.is_some()), matched) {
                    (Err(problem), None) => problems.push(problem),
                    (Err(_), Some(_)) => {}
                    (Ok(()), None) => matched = Some(at),
                    (Ok(()), Some(first)) => {
                        self.add(frame, || {
                            format!("'oneOf' failed, subschemas {first}, {at} matched")
                        });
                        break;
                    }
                }
            }
            if matched.is_none() {
                self.add_all(frame, problems, "'oneOf' failed, none matched");
            }
        }
        if let Some(condition) = frame.keywords.get(K::If)
            && self.draft >= Draft::Draft7
        {
            let holds = self.apply_same(condition, frame, true).is_ok();
            let then = frame.keywords.get(if holds { K::Then } else { K::Else });
            if let Some(then) = then
                && let Err(problem) = self.apply_same(then, frame, false)
            {
                frame.problems.push(problem);
            }
        }
    }
}
