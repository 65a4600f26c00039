//! Go's integer types: 64 bits and the name of the type they came from.

/// Which of Go's integer types a number has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntKind {
    /// `int`, the type of constants in templates.
    Int,
    /// `int8`.
    Int8,
    /// `int16`.
    Int16,
    /// `int32`, also of character constants of Go code.
    Int32,
    /// `int64`, the type of sprig's arithmetic and of `--set`.
    Int64,
    /// `uint`.
    Uint,
    /// `uint8`, the element of `[]byte`.
    Uint8,
    /// `uint16`.
    Uint16,
    /// `uint32`.
    Uint32,
    /// `uint64`.
    Uint64,
}

impl IntKind {
    /// Returns Go's name of the type.
    pub fn name(self) -> &'static str {
        match self {
            IntKind::Int => "int",
            IntKind::Int8 => "int8",
            IntKind::Int16 => "int16",
            IntKind::Int32 => "int32",
            IntKind::Int64 => "int64",
            IntKind::Uint => "uint",
            IntKind::Uint8 => "uint8",
            IntKind::Uint16 => "uint16",
            IntKind::Uint32 => "uint32",
            IntKind::Uint64 => "uint64",
        }
    }

    /// Reports whether the type has no negative numbers.
    pub fn is_unsigned(self) -> bool {
        matches!(
            self,
            IntKind::Uint | IntKind::Uint8 | IntKind::Uint16 | IntKind::Uint32 | IntKind::Uint64
        )
    }
}

/// An integer with its Go type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Int {
    kind: IntKind,
    // The bits of a uint64 for unsigned kinds.
    bits: i64,
}

impl Int {
    /// Returns a number of the given type; for unsigned types the bits count.
    pub fn new(kind: IntKind, bits: i64) -> Int {
        let bits = match kind {
            IntKind::Int8 => i64::from(bits as i8),
            IntKind::Int16 => i64::from(bits as i16),
            IntKind::Int32 => i64::from(bits as i32),
            IntKind::Uint8 => i64::from(bits as u8),
            IntKind::Uint16 => i64::from(bits as u16),
            IntKind::Uint32 => i64::from(bits as u32),
            IntKind::Int | IntKind::Int64 | IntKind::Uint | IntKind::Uint64 => bits,
        };
        Int { kind, bits }
    }

    /// Returns a `uint64`.
    pub fn uint64(value: u64) -> Int {
        Int { kind: IntKind::Uint64, bits: value as i64 }
    }

    /// Returns the type.
    pub fn kind(self) -> IntKind {
        self.kind
    }

    /// Reports whether the type is unsigned.
    pub fn is_unsigned(self) -> bool {
        self.kind.is_unsigned()
    }

    /// Reports whether the number is zero.
    pub fn is_zero(self) -> bool {
        self.bits == 0
    }

    /// Returns the bits as a signed number: what Go's conversion `int64(x)` gives.
    pub fn to_i64(self) -> i64 {
        self.bits
    }

    /// Returns the bits as an unsigned number: what Go's conversion `uint64(x)` gives.
    pub fn to_u64(self) -> u64 {
        self.bits as u64
    }

    /// Returns the number itself, large enough for every type.
    pub fn value(self) -> i128 {
        if self.is_unsigned() { i128::from(self.to_u64()) } else { i128::from(self.bits) }
    }

    /// Returns the nearest `float64`.
    pub fn to_f64(self) -> f64 {
        if self.is_unsigned() { self.to_u64() as f64 } else { self.bits as f64 }
    }
}

impl std::fmt::Display for Int {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_unsigned() {
            std::fmt::Display::fmt(&self.to_u64(), f)
        } else {
            std::fmt::Display::fmt(&self.bits, f)
        }
    }
}
