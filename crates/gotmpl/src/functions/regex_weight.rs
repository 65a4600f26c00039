//! How much work a regular expression is, before it is compiled.
//!
//! Go keeps a class of characters once and refers to it; here each place of it becomes states of its own, so that
//! a short expression can be megabytes. Decides only the weight: who compiles takes fuel for it.

use ::regex_syntax::Parser;
use ::regex_syntax::hir::{Class, Hir, HirKind};

/// States for each byte of an expression that counts nothing and names no class of Unicode: case folding makes a
/// letter a class of up to four.
const PLAIN: usize = 8;
/// Above this nobody needs to know more.
const HEAVY: usize = usize::MAX / 2;

/// Returns about how many states a translated expression becomes; `expression` is what was written.
pub(super) fn weight(expression: &str, translated: &str) -> usize {
    if !expression.contains('{') && !expression.contains("\\p") && !expression.contains("\\P") {
        return expression.len().saturating_mul(PLAIN);
    }
    // What cannot be parsed is not compiled either.
    Parser::new().parse(translated).map_or(0, |hir| of(&hir))
}

fn of(hir: &Hir) -> usize {
    let weight = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Unicode(class)) => class.ranges().len(),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len(),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1);
            of(&repetition.sub).saturating_mul(usize::try_from(times).unwrap_or(HEAVY))
        }
        HirKind::Capture(capture) => of(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(1, |sum: usize, part| sum.saturating_add(of(part)))
        }
    };
    weight.min(HEAVY)
}
