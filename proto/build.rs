//! Generates the contracts' Rust and JSON code with protox, so that nobody needs protoc.

use std::fmt::Write as _;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let areas = ["access", "auth", "billing", "content", "directory", "error", "tenant"];
    let mut files = Vec::new();
    for area in areas {
        let folder = format!("freehold/{area}/v1");
        println!("cargo::rerun-if-changed={folder}");
        for entry in std::fs::read_dir(&folder)? {
            files.push(entry?.path());
        }
    }
    files.sort();

    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_source_info(true).include_imports(true).open_files(files)?;
    let descriptors = compiler.file_descriptor_set();
    // In these bytes the options that we added to methods are left.
    let encoded = compiler.encode_file_descriptor_set();
    #[expect(clippy::disallowed_methods, reason = "cargo tells a build script where to write in no other way")]
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("descriptors.bin"), &encoded)?;
    std::fs::write(out.join("scopes.rs"), scopes(&compiler)?)?;

    tonic_prost_build::configure()
        .compile_well_known_types(true)
        .extern_path(".google.protobuf", "::pbjson_types")
        .compile_fds(descriptors)?;
    pbjson_build::Builder::new().register_descriptors(&encoded)?.preserve_proto_field_names().build(&[".freehold"])?;
    Ok(())
}

/// Which scope each method names, as a table of the paths.
fn scopes(compiler: &protox::Compiler) -> Result<String, Box<dyn std::error::Error>> {
    let pool = compiler.descriptor_pool();
    let scope = pool.get_extension_by_name("freehold.access.v1.scope").ok_or("no option for scopes")?;
    let mut table = String::from("&[\n");
    for service in pool.services() {
        for method in service.methods() {
            let options = method.options();
            if options.has_extension(&scope) {
                let value = options.get_extension(&scope);
                let name = value.as_str().ok_or("a scope is text")?;
                writeln!(table, "    (\"/{}/{}\", {name:?}),", service.full_name(), method.name())?;
            }
        }
    }
    table.push(']');
    Ok(table)
}
