use super::*;

#[test]
fn the_example_is_a_configuration_and_an_unknown_key_is_none() {
    let example = include_str!("../../../../../deploy/connector.example.toml");
    let config: Config = toml::from_str(example).expect("the example is right");
    assert_eq!((config.company.as_str(), config.directory.len()), ("acme", 1));
    let wrong = example.replace("company =", "tenant =");
    let error = toml::from_str::<Config>(&wrong).expect_err("an unknown key is refused").to_string();
    assert!(error.contains("tenant"), "{error}");
    // A secret stands in a file, never here.
    let wrong = example.replace("bind_password_file", "bind_password");
    toml::from_str::<Config>(&wrong).expect_err("a password is refused");
}
