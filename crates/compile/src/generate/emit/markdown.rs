//! A page of Markdown, written block by block.

/// A page under construction.
pub(super) struct Page {
    out: String,
    steps: usize,
    /// Whether the last block was an item or a row, which the next one of its kind follows closely.
    close: bool,
}

/// Returns user text as part of a line: no line breaks, nothing that ends the line's markup.
pub(super) fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Returns text as code.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", line(text).replace('`', "'"))
}

impl Page {
    /// Begins a page with its title.
    pub(super) fn new(title: &str) -> Page {
        Page { out: format!("# {}\n", line(title)), steps: 0, close: false }
    }

    /// Begins a section.
    pub(super) fn heading(&mut self, text: &str) {
        self.steps = 0;
        self.separate(false);
        self.push(&format!("## {text}"));
    }

    /// Begins a part of a section.
    pub(super) fn subheading(&mut self, text: &str) {
        self.steps = 0;
        self.separate(false);
        self.push(&format!("### {text}"));
    }

    /// Adds a paragraph.
    pub(super) fn text(&mut self, text: &str) {
        self.separate(false);
        self.push(text);
    }

    /// Adds an item of a list.
    pub(super) fn item(&mut self, text: &str) {
        self.separate(true);
        self.push(&format!("- {text}"));
    }

    /// Adds a numbered step.
    pub(super) fn step(&mut self, text: &str) {
        self.steps += 1;
        self.separate(false);
        self.push(&format!("{}. {text}", self.steps));
    }

    /// Adds a block of shell commands; below a step it belongs to it.
    pub(super) fn block(&mut self, commands: &str) {
        self.fenced("sh", commands);
    }

    /// Adds a block of a language.
    pub(super) fn fenced(&mut self, language: &str, text: &str) {
        self.separate(false);
        let indent = if self.steps > 0 { "   " } else { "" };
        self.push(&format!("{indent}```{language}"));
        for line in text.lines() {
            self.push(format!("{indent}{line}").trim_end());
        }
        self.push(&format!("{indent}```"));
    }

    /// Begins a table.
    pub(super) fn table(&mut self, columns: &[&str]) {
        self.separate(false);
        self.push(&format!("| {} |", columns.join(" | ")));
        self.push(&format!("|{}", " --- |".repeat(columns.len())));
        self.close = true;
    }

    /// Adds a row to a table.
    pub(super) fn row(&mut self, cells: &[&str]) {
        self.separate(true);
        let cells: Vec<String> = cells.iter().map(|cell| line(cell).replace('|', "\\|")).collect();
        self.push(&format!("| {} |", cells.join(" | ")));
    }

    /// Returns the page.
    pub(super) fn finish(self) -> String {
        self.out
    }

    fn separate(&mut self, close: bool) {
        if !(close && self.close) {
            self.out.push('\n');
        }
        self.close = close;
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }
}
