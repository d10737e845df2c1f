//! The components every page is made of. They know no service and no page.

use maud::{Markup, html};

use crate::view::icon::Icon;

/// How much a button asks for attention. A view has at most one `First`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rank {
    First,
    Second,
    Quiet,
    Danger,
}

impl Rank {
    const fn class(self) -> &'static str {
        match self {
            Self::First => "button button-first",
            Self::Second => "button",
            Self::Quiet => "button button-quiet",
            Self::Danger => "button button-danger",
        }
    }
}

/// What a notice or a pill is about. Colour never says it alone: the words do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Info,
    Ok,
    Warn,
    Danger,
}

/// Sends the form it stands in. The label is a verb.
pub(crate) fn button(rank: Rank, label: &str) -> Markup {
    html! { button type="submit" class=(rank.class()) { (label) } }
}

/// Sends the form it stands in, with a drawing before the verb.
pub(crate) fn icon_button(rank: Rank, icon: Icon, label: &str) -> Markup {
    html! { button type="submit" class=(rank.class()) { (icon.draw_mirrored()) (label) } }
}

/// Leads somewhere and looks like a button.
pub(crate) fn link_button(rank: Rank, href: &str, label: &str) -> Markup {
    html! { a class=(rank.class()) href=(href) { (label) } }
}

/// A link to a place that is not ours, which is told nothing of where it was followed.
pub(crate) fn link_away(rank: Rank, href: &str, label: &str) -> Markup {
    html! { a class=(rank.class()) href=(href) rel="nofollow noopener noreferrer" { (label) } }
}

/// A button with a form of its own: one action without fields.
pub(crate) fn action_form(action: &str, rank: Rank, label: &str, hidden: &[(&str, &str)]) -> Markup {
    html! {
        form method="post" action=(action) {
            @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
            (button(rank, label))
        }
    }
}

/// A box to write in, with everything around it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Field<'a> {
    /// Name in the form; also the element's id.
    pub(crate) name: &'a str,
    pub(crate) label: &'a str,
    pub(crate) value: &'a str,
    /// One line of advice, or nothing.
    pub(crate) hint: &'a str,
    /// What is wrong with the value, or nothing.
    pub(crate) error: &'a str,
    /// Most characters the server takes.
    pub(crate) length_max: u32,
}

impl Field<'_> {
    fn described_by(self) -> Option<String> {
        let parts: Vec<String> = [(self.hint, "hint"), (self.error, "error")]
            .into_iter()
            .filter(|(text, _)| !text.is_empty())
            .map(|(_, part)| format!("{}-{part}", self.name))
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    fn around(self, control: &Markup) -> Markup {
        html! {
            div class="field" {
                label for=(self.name) { (self.label) }
                (control)
                @if !self.hint.is_empty() { p class="hint" id={ (self.name) "-hint" } { (self.hint) } }
                @if !self.error.is_empty() { p class="error" id={ (self.name) "-error" } { (self.error) } }
            }
        }
    }

    fn invalid(self) -> Option<&'static str> {
        (!self.error.is_empty()).then_some("true")
    }
}

/// One line of text that must be given.
pub(crate) fn text_field(field: Field<'_>) -> Markup {
    field.around(&html! {
        input class="input" id=(field.name) name=(field.name) value=(field.value) maxlength=(field.length_max) required
            autocapitalize="none" autocomplete="off" spellcheck="false"
            aria-invalid=[field.invalid()] aria-describedby=[field.described_by()];
    })
}

/// An access code: big letters, taken whole when pasted, never kept by the browser.
pub(crate) fn code_field(field: Field<'_>) -> Markup {
    field.around(&html! {
        input class="input input-code" id=(field.name) name=(field.name) value=(field.value) maxlength=(field.length_max)
            required placeholder="XXXX-XXXX-XXXX-XXXX" autocapitalize="characters" autocomplete="one-time-code"
            spellcheck="false" dir="ltr" aria-invalid=[field.invalid()] aria-describedby=[field.described_by()];
    })
}

/// The name under which somebody signs in; the browser may remember it.
pub(crate) fn name_field(field: Field<'_>) -> Markup {
    field.around(&html! {
        input class="input" id=(field.name) name=(field.name) maxlength=(field.length_max) required dir="auto"
            autocapitalize="none" autocomplete="username" spellcheck="false"
            aria-invalid=[field.invalid()] aria-describedby=[field.described_by()];
    })
}

/// A password. `autocomplete` tells password managers whether it is a new one.
pub(crate) fn password_field(field: Field<'_>, autocomplete: &str) -> Markup {
    field.around(&html! {
        input class="input" type="password" id=(field.name) name=(field.name) maxlength=(field.length_max) required
            autocomplete=(autocomplete) dir="ltr" aria-invalid=[field.invalid()] aria-describedby=[field.described_by()];
    })
}

/// Six digits of an authenticator app, with room for a space among them.
pub(crate) fn digits_field(field: Field<'_>) -> Markup {
    field.around(&html! {
        input class="input input-digits" id=(field.name) name=(field.name) maxlength="7" required inputmode="numeric"
            autocomplete="one-time-code" dir="ltr" aria-invalid=[field.invalid()] aria-describedby=[field.described_by()];
    })
}

/// Several lines that grow with what is written.
pub(crate) fn text_area(field: Field<'_>) -> Markup {
    field.around(&html! {
        textarea class="input" id=(field.name) name=(field.name) maxlength=(field.length_max) rows="3" required dir="auto"
            aria-invalid=[field.invalid()] aria-describedby=[field.described_by()] { (field.value) }
    })
}

/// A choice of one among several `(value, words)`.
pub(crate) fn select(field: Field<'_>, options: &[(String, String)]) -> Markup {
    field.around(&html! {
        select class="input" id=(field.name) name=(field.name) required {
            @for (value, words) in options { option value=(value) selected[value == field.value] { (words) } }
        }
    })
}

/// How large an avatar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    Small,
    Medium,
    Large,
}

/// A round sign with initials; its colour follows from the id, so it stays the same through a change of name. A photo, by
/// its path, takes its place.
pub(crate) fn avatar(id: &str, name: &str, photo: Option<&str>, size: Size) -> Markup {
    let class = match size {
        Size::Small => "avatar avatar-small",
        Size::Medium => "avatar",
        Size::Large => "avatar avatar-large",
    };
    html! {
        @if let Some(photo) = photo {
            img class={ (class) " tone-" (tone(id)) } src=(photo) alt="" width="256" height="256" loading="lazy" decoding="async";
        } @else {
            span class={ (class) " tone-" (tone(id)) } aria-hidden="true" { (initials(name)) }
        }
    }
}

/// A square sign for a group.
pub(crate) fn group_avatar(id: &str, name: &str) -> Markup {
    html! { span class={ "avatar avatar-group tone-" (tone(id)) } aria-hidden="true" { (initials(name)) } }
}

/// One of the eight colours: FNV-1a, then stirred once more, because ids may differ in their last digit only.
fn tone(id: &str) -> u32 {
    let hash = id.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash ^ hash.wrapping_shr(16)).wrapping_mul(0x85eb_ca6b).wrapping_shr(16) % 8
}

/// First letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name
        .split(|c: char| c.is_whitespace() || c == '-' || c == '–')
        .filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// One sentence about the page, before its content.
pub(crate) fn notice(tone: Tone, text: &str) -> Markup {
    let (class, icon) = match tone {
        Tone::Plain | Tone::Info => ("notice notice-info", Icon::INFO),
        Tone::Ok => ("notice notice-info", Icon::CHECK),
        Tone::Warn => ("notice notice-warn", Icon::WARNING),
        Tone::Danger => ("notice notice-danger", Icon::WARNING),
    };
    html! { div class=(class) role="status" { (icon.draw()) p { (text) } } }
}

/// A word about the thing it stands beside.
pub(crate) fn pill(tone: Tone, text: &str) -> Markup {
    let class = match tone {
        Tone::Plain => "pill",
        Tone::Info => "pill pill-info",
        Tone::Ok => "pill pill-ok",
        Tone::Warn => "pill pill-warn",
        Tone::Danger => "pill pill-danger",
    };
    html! { span class=(class) { (text) } }
}

/// An empty page teaches one thing.
pub(crate) fn empty(icon: Icon, title: &str, text: &str, way_on: Option<(&str, &str)>) -> Markup {
    html! {
        section class="card empty" {
            (icon.draw_large())
            h2 { (title) }
            p class="muted" { (text) }
            @if let Some((href, label)) = way_on { (link_button(Rank::Second, href, label)) }
        }
    }
}

/// The way to the rest of a list.
pub(crate) fn pager(href: &str, label: &str) -> Markup {
    html! { p class="pager" { a class="button" href=(href) rel="next" { (Icon::OLDER.draw()) (label) } } }
}

/// A column of a table.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) label: String,
    /// Numbers stand at the end of their column.
    pub(crate) figure: bool,
}

/// A row of a table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// One for each column.
    pub(crate) cells: Vec<Markup>,
    /// Sentences about the whole row, under it.
    pub(crate) note: Option<Markup>,
}

/// A table whose rows become cards below 640 px; every cell carries its column's name for that.
pub(crate) fn table(caption: &str, columns: &[Column], rows: &[Row]) -> Markup {
    html! {
        div class="table-box" {
            table class="table" {
                caption class="hidden" { (caption) }
                thead { tr { @for column in columns { th scope="col" class=[figure(column)] { (column.label) } } } }
                tbody {
                    @for row in rows {
                        tr { @for (column, cell) in columns.iter().zip(&row.cells) {
                            td class=[figure(column)] data-label=(column.label) { div { (cell) } }
                        } }
                        @if let Some(note) = &row.note { tr class="note" { td colspan=(columns.len()) { div { (note) } } } }
                    }
                }
            }
        }
    }
}

const fn figure(column: &Column) -> Option<&'static str> {
    if column.figure { Some("figure") } else { None }
}

#[cfg(test)]
mod tests;
