//! Page sizes of lists, the same everywhere (AIP-158).

/// How many rows a list answers at the most: 1 to 100, 50 when the request says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u8);

impl PageSize {
    /// The most rows one page can have.
    pub const MAX: u8 = 100;
    /// Rows on a page when the request leaves the choice to us.
    pub const DEFAULT: u8 = 50;

    /// Reads a request's `page_size`: 0 means the default, anything else is brought into 1 to 100.
    #[must_use]
    pub fn from_request(wanted: i32) -> Self {
        match wanted {
            0 => Self(Self::DEFAULT),
            other => Self(u8::try_from(other.clamp(1, i32::from(Self::MAX))).unwrap_or(Self::MAX)),
        }
    }

    /// As a number of rows for a query.
    #[must_use]
    pub fn get(self) -> u64 {
        u64::from(self.0)
    }

    /// As a length for a vector.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a page size is never 0")]
    pub fn len(self) -> usize {
        usize::from(self.0)
    }
}

#[cfg(test)]
mod tests;
