//! Keywords about texts and numbers.

use super::super::decimal::Decimal;
use super::super::json::Kind;
use super::super::keywords::Keyword as K;
use super::super::words;
use super::super::words::quote;
use super::values::{size_above, size_below, sizes};
use super::{Frame, Validator};

impl Validator<'_> {
    pub(super) fn string(&mut self, text: &str, frame: &mut Frame<'_>) {
        let (least, most) = (self.count(frame, K::MinLength), self.count(frame, K::MaxLength));
        if least.is_some() || most.is_some() {
            let size = text.chars().count();
            if let Some(least) = least.filter(|least| size_below(size, *least)) {
                self.add(frame, || sizes("minLength", size, least));
            }
            if let Some(most) = most.filter(|most| size_above(size, *most)) {
                self.add(frame, || sizes("maxLength", size, most));
            }
        }
        if let Some(node) = frame.keywords.get(K::Pattern)
            && self.schema.pattern(node).is_some_and(|pattern| !pattern.is_match(text))
        {
            let pattern = self.document.string(node).unwrap_or_default();
            self.add(frame, || {
                format!("{} does not match pattern {}", quote(text), quote(&pattern))
            });
        }
    }

    pub(super) fn number(&mut self, frame: &mut Frame<'_>) {
        let Some(number) = Decimal::of(frame.value) else { return };
        let document = self.document;
        let limit = |frame: &Frame<'_>, keyword| {
            let node = frame.keywords.get(keyword)?;
            Decimal::parse(document.raw(node)).filter(|_| document.kind(node) == Kind::Number)
        };
        let flag = |frame: &Frame<'_>, keyword| {
            frame.keywords.get(keyword).and_then(|node| document.boolean(node)) == Some(true)
        };
        let (mut least, mut most) = (limit(frame, K::Minimum), limit(frame, K::Maximum));
        let mut above = limit(frame, K::ExclusiveMinimum);
        let mut below = limit(frame, K::ExclusiveMaximum);
        // In draft 4 these are flags on the other two.
        if flag(frame, K::ExclusiveMinimum) {
            above = least.take();
        }
        if flag(frame, K::ExclusiveMaximum) {
            below = most.take();
        }
        let unit = limit(frame, K::MultipleOf);
        let checks = [
            ("minimum", least.filter(|limit| number.compare(*limit).is_lt())),
            ("maximum", most.filter(|limit| number.compare(*limit).is_gt())),
            ("exclusiveMinimum", above.filter(|limit| number.compare(*limit).is_le())),
            ("exclusiveMaximum", below.filter(|limit| number.compare(*limit).is_ge())),
            ("multipleOf", unit.filter(|unit| !number.is_multiple_of(*unit))),
        ];
        for (keyword, broken) in checks {
            if let Some(limit) = broken {
                self.add(frame, || {
                    let (got, want) = (words::float(number.float()), words::float(limit.float()));
                    format!("{keyword}: got {got}, want {want}")
                });
            }
        }
    }
}
