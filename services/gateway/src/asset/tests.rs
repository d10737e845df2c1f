use super::{console_css, people_css, print_css, squeeze, style_sources, tab_icon};

#[test]
fn squeezing_keeps_rules_and_drops_comments() {
    assert_eq!(squeeze("/* a: b */\n.x {\n  color: red; /* c */\n}\n"), ".x{color:red;}");
    assert_eq!(squeeze("a:hover { b: c; }"), "a:hover{ b:c; }");
}

#[test]
fn styles_fit_their_budget_and_load_nothing() {
    assert!(people_css().len() < 24_000, "{}", people_css().len());
    for css in [people_css(), console_css(), print_css()] {
        assert!(!css.contains("/*") && !css.contains("url(") && !css.contains("@import") && !css.contains('<'));
        assert_eq!(css.matches('{').count(), css.matches('}').count());
    }
}

#[test]
fn every_colour_and_size_that_is_used_is_defined() {
    let all = [people_css(), console_css(), print_css()].concat();
    for used in all.split("var(").skip(1).filter_map(|rest| rest.split([')', ',']).next()) {
        assert!(all.contains(&format!("{used}:")), "{used} has no value");
    }
}

#[test]
fn only_logical_directions_are_used() {
    for css in [people_css(), console_css(), print_css()] {
        for physical in
            ["margin-left", "margin-right", "padding-left", "padding-right", "text-align:left", "text-align:right"]
        {
            assert!(!css.contains(physical), "{physical}");
        }
    }
}

#[test]
fn three_styles_are_named_by_their_digests() {
    let sources = style_sources();
    assert_eq!(sources.split(' ').count(), 3);
    assert!(sources.split(' ').all(|source| source.starts_with("'sha256-") && source.ends_with("='")));
}

#[test]
fn the_tab_has_a_drawing() {
    assert!(tab_icon().contains("<path"));
}
