//! Numbers as Go's `strconv` writes them.

/// Writes a float as go-yaml does: `strconv.FormatFloat(value, 'g', -1, 64)`, infinities as `.inf`.
pub fn yaml_float(value: f64) -> String {
    if let Some(word) = yaml_special(value) {
        return word.to_owned();
    }
    let digits = Digits::of(&shortest(value));
    digits.shortest_general()
}

/// Writes a float key as `sigs.k8s.io/yaml` does: as [`yaml_float`], but rounded to 32 bits.
pub(crate) fn yaml_float32(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the rounding is what Go does here")]
    let narrow = value as f32;
    if let Some(word) = yaml_special(f64::from(narrow)) {
        return word.to_owned();
    }
    Digits::of(&format!("{narrow:e}")).shortest_general()
}

/// Writes a float as Go's `encoding/json` does; `None` for infinities and not-a-number.
pub fn json_float(value: f64) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let digits = Digits::of(&shortest(value));
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        return Some(digits.scientific(1));
    }
    Some(digits.positional())
}

/// Writes the shortest digits that read back as the same number, in the form of `{:e}`. Where two such texts are equally
/// near, Go takes the one whose last digit is even, and Rust the larger one.
pub fn shortest(value: f64) -> String {
    /// Only texts of so many digits can be equally near: of fewer, both would not read back.
    const DIGITS: usize = 17;
    let text = format!("{value:e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    if mantissa.bytes().filter(u8::is_ascii_digit).count() != DIGITS {
        return text;
    }
    let places = DIGITS + 8;
    let exact = format!("{value:.places$e}");
    let Some((exact, _)) = exact.split_once('e') else { return text };
    let (below, rest) = exact.split_at(mantissa.len().min(exact.len()));
    let is_tie = rest.strip_prefix('5').is_some_and(|rest| rest.bytes().all(|digit| digit == b'0'));
    let is_even = below.bytes().next_back().is_some_and(|digit| digit % 2 == 0);
    let even = format!("{below}e{exponent}");
    if is_tie && is_even && even.parse() == Ok(value) { even } else { text }
}

fn yaml_special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some(".nan")
    } else if value == f64::INFINITY {
        Some(".inf")
    } else if value == f64::NEG_INFINITY {
        Some("-.inf")
    } else {
        None
    }
}

/// The shortest decimal digits that read back as the same number.
struct Digits {
    negative: bool,
    /// Without leading or trailing zeros, except for the number zero.
    digits: String,
    /// The power of ten of the first digit.
    exponent: i32,
}

impl Digits {
    /// Takes apart what [`shortest`] writes.
    fn of(scientific: &str) -> Self {
        let negative = scientific.starts_with('-');
        let unsigned = scientific.trim_start_matches('-');
        let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        Self { negative, digits, exponent: exponent.parse().unwrap_or(0) }
    }

    /// Go's `'g'` with the shortest precision.
    fn shortest_general(&self) -> String {
        // Go decides as if the precision were 6, however many digits there are.
        if self.exponent < -4 || self.exponent >= 6 {
            return self.scientific(2);
        }
        self.positional()
    }

    fn scientific(&self, exponent_digits: usize) -> String {
        let (first, rest) = self.digits.split_at(1.min(self.digits.len()));
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if self.negative { "-" } else { "" };
        let exponent_sign = if self.exponent < 0 { '-' } else { '+' };
        let exponent = self.exponent.unsigned_abs();
        format!("{sign}{first}{point}{rest}e{exponent_sign}{exponent:0exponent_digits$}")
    }

    fn positional(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let digits = &self.digits;
        let Ok(exponent) = usize::try_from(self.exponent) else {
            let zeros = "0".repeat((-self.exponent - 1).unsigned_abs() as usize);
            return format!("{sign}0.{zeros}{digits}");
        };
        let whole = exponent + 1;
        if digits.len() <= whole {
            return format!("{sign}{digits}{}", "0".repeat(whole - digits.len()));
        }
        let (before, after) = digits.split_at(whole);
        format!("{sign}{before}.{after}")
    }
}

/// A quick hash of a text, for telling different texts apart within one run.
pub(crate) fn hash(text: &str) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mix = |hash: u64, word: u64| (hash.rotate_left(29) ^ word).wrapping_mul(FACTOR);
    let hash =
        words.iter().fold(text.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    mix(hash, rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)))
}

/// Writes a float as Go's `%#v` does: always recognizable as one.
pub(crate) fn go_syntax_float(value: f64) -> String {
    if !value.is_finite() {
        return match (value.is_nan(), value > 0.0) {
            (true, _) => "NaN",
            (false, true) => "+Inf",
            (false, false) => "-Inf",
        }
        .to_owned();
    }
    let digits = Digits::of(&shortest(value));
    if digits.exponent < -4 || digits.exponent >= 21 {
        return digits.scientific(2);
    }
    digits.positional()
}
