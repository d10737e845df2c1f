//! Generates the contracts' Rust and JSON code with protox, so that nobody needs protoc.

use std::path::PathBuf;

use prost::Message as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let areas = ["auth", "billing", "content", "directory", "error", "tenant"];
    let mut files = Vec::new();
    for area in areas {
        let folder = format!("freehold/{area}/v1");
        println!("cargo::rerun-if-changed={folder}");
        for entry in std::fs::read_dir(&folder)? {
            files.push(entry?.path());
        }
    }
    files.sort();

    let descriptors = protox::compile(files, ["."])?;
    let encoded = descriptors.encode_to_vec();
    #[expect(clippy::disallowed_methods, reason = "cargo tells a build script where to write in no other way")]
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("descriptors.bin"), &encoded)?;

    tonic_prost_build::configure()
        .compile_well_known_types(true)
        .extern_path(".google.protobuf", "::pbjson_types")
        .compile_fds(descriptors)?;
    pbjson_build::Builder::new().register_descriptors(&encoded)?.preserve_proto_field_names().build(&[".freehold"])?;
    Ok(())
}
