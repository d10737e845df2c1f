//! The command line: starts an installation, or speaks to a running one as its operator.

mod client;
mod command;
mod demo;
mod failure;
mod manifest;
mod print;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use freehold::serve::{self, Part};

use command::{
    Ended, audit, billing, client as clients, completions, connector, directory, doctor, emergency, person, role,
    tenant,
};
use failure::Report;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit status of a command that a guard stopped.
const EXIT_HELD: u8 = 3;

/// A company's own social network: every company sealed under its own key, its people from its own directory.
#[derive(Debug, Parser)]
#[command(name = "freehold", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// gRPC address of the installation
    #[arg(long, global = true, value_name = "URL", env = "FREEHOLD_ENDPOINT", default_value = client::DEFAULT_ENDPOINT)]
    endpoint: String,
    /// File of the operator's token [default: ./operator.token, else /var/lib/freehold/operator.token]
    #[arg(long, global = true, value_name = "FILE", env = "FREEHOLD_TOKEN_FILE")]
    token_file: Option<PathBuf>,
    /// Print one JSON document on standard output and nothing else
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Walk through the main job with a sample company; needs nothing installed
    Demo {
        /// Folder to keep the data in [default: a new temporary one]
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// Address of the pages [default: 127.0.0.1:8080, or a free one]
        #[arg(long, value_name = "ADDR")]
        web: Option<SocketAddr>,
        /// Address of the contracts [default: 127.0.0.1:8081, or a free one]
        #[arg(long, value_name = "ADDR")]
        grpc: Option<SocketAddr>,
        /// How many people the sample company has
        #[arg(long, value_name = "N")]
        people: Option<usize>,
        /// Stop after the walk instead of serving until Ctrl-C
        #[arg(long)]
        once: bool,
    },
    /// Run an installation, or a part of one
    Serve {
        /// Configuration file [default: /etc/freehold/freehold.toml when it exists]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Only these parts: directory, auth, content, billing, gateway
        #[arg(long, value_name = "PARTS", value_delimiter = ',')]
        only: Vec<Part>,
    },
    /// Read a directory inside the company's network for an installation elsewhere
    Connector {
        /// Configuration file [default: /etc/freehold/connector.toml]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Is this installation able to run? Each finding with its cure
    Doctor {
        /// Configuration file [default: /etc/freehold/freehold.toml when it exists]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Companies: declare them, look at them
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// A company's directory: check it, preview a sync, run one
    #[command(subcommand)]
    Directory(directory::Command),
    /// A company's people
    #[command(subcommand)]
    Person(person::Command),
    /// Roles: who has which, and those given by hand
    #[command(subcommand)]
    Role(role::Command),
    /// A company's emergency accounts: local administrators for the day its IdP fails
    #[command(subcommand)]
    Emergency(emergency::Command),
    /// A company's audit log: read it, verify it
    #[command(subcommand)]
    Audit(audit::Command),
    /// A company's own programs that call on their own account
    #[command(subcommand)]
    Client(clients::Command),
    /// Months and invoices
    #[command(subcommand)]
    Billing(billing::Command),
    /// Print a script that completes commands in a shell
    Completions {
        /// Shell to complete in
        shell: clap_complete::Shell,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let json = arguments.global.json;
    match Box::pin(run(arguments)).await {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Failed) => ExitCode::FAILURE,
        Ok(Ended::Held) => ExitCode::from(EXIT_HELD),
        Err(error) => {
            let report = Report::of(&error);
            print::failed(&report, json);
            if report.held { ExitCode::from(EXIT_HELD) } else { ExitCode::FAILURE }
        }
    }
}

async fn run(arguments: Arguments) -> Result<Ended> {
    let Arguments { global, command } = arguments;
    match command {
        Command::Demo { data, web, grpc, people, once } => {
            demo::run(demo::Options { data, web, grpc, people, once, json: global.json }).await?;
            Ok(Ended::Done)
        }
        Command::Serve { config, only } => {
            serve::run(serve::Options { config, only }).await?;
            Ok(Ended::Done)
        }
        Command::Connector { config } => connector::run(config.as_deref()).await,
        Command::Doctor { config } => doctor::run(config, global.json).await,
        Command::Tenant(command) => tenant::run(&global, command).await,
        Command::Directory(command) => directory::run(&global, command).await,
        Command::Person(command) => person::run(&global, command).await,
        Command::Role(command) => role::run(&global, command).await,
        Command::Emergency(command) => emergency::run(&global, command).await,
        Command::Client(command) => clients::run(&global, command).await,
        Command::Audit(command) => audit::run(&global, command).await,
        Command::Billing(command) => billing::run(&global, command).await,
        Command::Completions { shell } => completions::run(shell, global.json),
    }
}
