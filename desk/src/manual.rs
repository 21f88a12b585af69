//! Completions for shells and pages of the manual, made from the commands themselves.

use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

/// Writes the completion script of a shell.
pub fn completions(mut command: Command, shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    let name = command.get_name().to_owned();
    // Into memory first: the generator panics where a pipe is closed.
    let mut script = Vec::new();
    generate(shell, &mut command, name, &mut script);
    out.write_all(&script)
}

/// Writes the manual: a page for each command into a folder, or all pages one after the other.
pub fn manual(command: Command, folder: Option<&Path>, out: &mut dyn Write) -> io::Result<()> {
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)?;
    }
    for (name, page) in pages(command)? {
        match folder {
            Some(folder) => std::fs::write(folder.join(format!("{name}.1")), page)?,
            None => out.write_all(&page)?,
        }
    }
    Ok(())
}

/// The pages with their names, `estafette`, `estafette-admin`, `estafette-admin-ticket` and so on.
fn pages(mut command: Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    command = command.disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    collect(&command, &mut pages)?;
    Ok(pages)
}

fn collect(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    pages.push((command.get_display_name().unwrap_or(command.get_name()).to_owned(), page));
    command.get_subcommands().filter(|each| !each.is_hide_set()).try_for_each(|each| collect(each, pages))
}
