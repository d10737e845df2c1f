//! Every sentence people read, in their language. The sentences themselves are in `text/en.ftl` and `text/fr.ftl`.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use intl_memoizer::concurrent::IntlLangMemoizer;
use unic_langid::LanguageIdentifier;

/// A language that all pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    French,
}

struct Bundles {
    english: FluentBundle<FluentResource>,
    french: FluentBundle<FluentResource>,
}

static BUNDLES: LazyLock<Bundles> = LazyLock::new(|| Bundles {
    english: bundle("en", include_str!("text/en.ftl"), |value, _| grouped(value, ',')),
    french: bundle("fr", include_str!("text/fr.ftl"), |value, _| grouped(value, '\u{202f}')),
});

impl Language {
    /// The best language for a browser that sends `accept` to a company whose pages are in `company`.
    ///
    /// The browser is asked first: one company has people of several languages.
    pub(crate) fn choose(accept: Option<&str>, company: Option<Self>) -> Self {
        let mut wishes: Vec<(u32, Self)> = accept.unwrap_or_default().split(',').filter_map(wish).collect();
        wishes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        wishes.first().map(|(_, language)| *language).or(company).unwrap_or(Self::English)
    }

    /// The language of a tag such as `fr` or `fr-CA`, when we speak it.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let main = tag.split(['-', '_']).next().unwrap_or_default();
        if main.eq_ignore_ascii_case("en") {
            Some(Self::English)
        } else if main.eq_ignore_ascii_case("fr") {
            Some(Self::French)
        } else {
            None
        }
    }

    /// The tag for the `lang` attribute.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// A sentence without variables.
    pub(crate) fn say(self, key: &'static str) -> String {
        self.with(key, &[])
    }

    /// A sentence about a number, in its variable `count`.
    pub(crate) fn count(self, key: &'static str, count: i64) -> String {
        self.with(key, &[("count", count.into())])
    }

    /// A sentence with variables.
    ///
    /// A test holds that every key exists in both languages; were one missing, the key itself is shown.
    pub(crate) fn with(self, key: &'static str, variables: &[(&'static str, FluentValue<'_>)]) -> String {
        let bundle = match self {
            Self::English => &BUNDLES.english,
            Self::French => &BUNDLES.french,
        };
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else { return key.to_owned() };
        let arguments: FluentArgs<'_> = variables.iter().map(|(name, value)| (*name, value.clone())).collect();
        bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    }
}

type Formatter = fn(&FluentValue<'_>, &IntlLangMemoizer) -> Option<String>;

fn bundle(tag: &str, source: &str, formatter: Formatter) -> FluentBundle<FluentResource> {
    let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| errors);
    let language: LanguageIdentifier = tag.parse().expect("our own tags are well-formed");
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Both languages run left to right and names stand in <bdi>, so no invisible marks inside sentences.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(formatter));
    bundle.add_resource(resource.expect("the embedded sentences parse")).expect("each key stands once");
    bundle
}

/// Numbers with their digits in groups of three; everything else as Fluent has it.
fn grouped(value: &FluentValue<'_>, separator: char) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let digits = number.as_string();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut text = String::with_capacity(digits.len().saturating_mul(2));
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    Some(text)
}

/// One wish of `Accept-Language` (RFC 9110 section 12.5.4), its weight in thousandths; nothing when it is refused.
fn wish(entry: &str) -> Option<(u32, Language)> {
    let mut parts = entry.split(';');
    let language = Language::of_tag(parts.next()?.trim())?;
    let weight = parts.find_map(|part| part.trim().strip_prefix("q="));
    let thousandths = match weight {
        None => 1000,
        Some(weight) => {
            let (whole, part) = weight.trim().split_once('.').unwrap_or_else(|| (weight.trim(), ""));
            let part = format!("{part:0<3}");
            whole.parse::<u32>().ok()?.checked_mul(1000)?.checked_add(part.get(..3)?.parse().ok()?)?
        }
    };
    (thousandths > 0).then_some((thousandths, language))
}

#[cfg(test)]
mod tests;
