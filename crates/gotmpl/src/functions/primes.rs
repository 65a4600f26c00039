//! Prime numbers out of the seeded random stream, for the keys that templates ask for.

use num_bigint::BigUint;

use crate::call::{CallContext, FunctionError};

use super::random;

/// What one primality test of a candidate costs in fuel, at 1,024 bits.
const TEST_COST: usize = 2_000;

/// Returns a random number of exactly so many bits, of which the top two are set.
pub(super) fn random_number(context: &mut CallContext, bits: u64) -> BigUint {
    let length = usize::try_from(bits.div_ceil(8)).unwrap_or(0);
    let mut bytes = vec![0; length];
    random::fill(context, &mut bytes);
    let mut number = BigUint::from_bytes_be(&bytes);
    number.set_bit(bits - 1, true);
    number.set_bit(bits - 2, true);
    for above in bits..bits.next_multiple_of(8) {
        number.set_bit(above, false);
    }
    number
}

/// Returns the odd primes below 5,000, for sorting candidates out cheaply.
fn small_primes() -> Vec<u32> {
    let mut primes: Vec<u32> = Vec::new();
    for candidate in (3..5_000).step_by(2) {
        let divides = |&prime: &u32| prime * prime <= candidate && candidate % prime == 0;
        if !primes.iter().take_while(|&&p| p * p <= candidate).any(divides) {
            primes.push(candidate);
        }
    }
    primes
}

/// The test of Miller and Rabin; for random candidates so few bases leave no doubt that matters.
fn is_probable_prime(number: &BigUint) -> bool {
    let one = BigUint::from(1u32);
    let less = number - &one;
    let shift = less.trailing_zeros().unwrap_or(0);
    let odd = &less >> shift;
    [2u32, 3, 5, 7, 11, 13, 17, 19].iter().all(|&base| {
        let mut power = BigUint::from(base).modpow(&odd, number);
        if power == one || power == less {
            return true;
        }
        (1..shift).any(|_| {
            power = (&power * &power) % number;
            power == less
        })
    })
}

/// Reports whether a number is prime, trying small divisors first.
pub(super) fn is_prime(context: &mut CallContext, number: &BigUint) -> Result<bool, FunctionError> {
    let size = usize::try_from(number.bits()).unwrap_or(0) / 1_024 + 1;
    if small_primes().iter().any(|&prime| number % prime == BigUint::ZERO) {
        return Ok(false);
    }
    context.spend(TEST_COST.saturating_mul(size * size * size))?;
    Ok(is_probable_prime(number))
}

/// Returns a random prime of exactly so many bits.
pub(super) fn random_prime(context: &mut CallContext, bits: u64) -> Result<BigUint, FunctionError> {
    let primes = small_primes();
    loop {
        let mut start = random_number(context, bits);
        start.set_bit(0, true);
        let rests: Vec<u32> = primes
            .iter()
            .map(|&prime| (&start % prime).iter_u32_digits().next().unwrap_or(0))
            .collect();
        // From one random start upwards, as long as the size stays the same.
        for step in (0..20_000u32).step_by(2) {
            let divisible =
                primes.iter().zip(&rests).any(|(&prime, &rest)| (rest + step % prime) % prime == 0);
            if divisible {
                continue;
            }
            let candidate = &start + step;
            if candidate.bits() != bits {
                break;
            }
            let size = usize::try_from(bits).unwrap_or(0) / 1_024 + 1;
            context.spend(TEST_COST.saturating_mul(size * size * size))?;
            if is_probable_prime(&candidate) {
                return Ok(candidate);
            }
        }
    }
}
