//! Findings for programs: the lab's own JSON, and SARIF 2.1.0 as code hosts and editors read it. Never for the eye.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::finding::{Finding, Severity, What};
use crate::lesson::reading::Lines;

/// What to do about a finding, by whoever words it; passed in because wording is the screen's.
pub type WayOut<'a> = &'a dyn Fn(&What) -> Option<String>;

/// One object: `version`, and every finding with its place. `files` are the names, texts and findings.
pub fn json(files: &[(String, String, Vec<Finding>)], way_out: WayOut<'_>) -> Value {
    let findings = files.iter().flat_map(|(file, text, findings)| {
        let lines = Lines::of(text);
        findings.iter().map(move |finding| {
            let (end_line, end_column) = lines.place(finding.span.end);
            json!({
                "file": file,
                "line": finding.line,
                "column": finding.column,
                "end-line": end_line,
                "end-column": end_column,
                "bytes": [finding.span.start, finding.span.end],
                "severity": finding.what.severity(),
                "code": finding.what.code(),
                "message": finding.what.to_string(),
                "way-out": way_out(&finding.what),
                "fixable": finding.fix.is_some(),
            })
        })
    });
    json!({"version": 1, "findings": findings.collect::<Vec<_>>()})
}

/// A SARIF log with one run.
pub fn sarif(files: &[(String, String, Vec<Finding>)], way_out: WayOut<'_>) -> Value {
    let mut rules = BTreeMap::new();
    let mut results = Vec::new();
    for (file, text, findings) in files {
        let lines = Lines::of(text);
        for finding in findings {
            let code = finding.what.code();
            let level = match finding.what.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            rules.insert(code.clone(), json!({"id": code}));
            let message = match way_out(&finding.what) {
                Some(way_out) => format!("{}; {way_out}", finding.what),
                None => finding.what.to_string(),
            };
            let mut result = json!({
                "ruleId": code,
                "level": level,
                "message": {"text": message},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": uri(file)},
                    "region": region(&lines, finding.span.clone()),
                }}],
            });
            if let Some(fix) = &finding.fix {
                result["fixes"] = json!([{"artifactChanges": [{
                    "artifactLocation": {"uri": uri(file)},
                    "replacements": [{
                        "deletedRegion": region(&lines, fix.span.clone()),
                        "insertedContent": {"text": fix.text},
                    }],
                }]}]);
            }
            results.push(result);
        }
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "rootless-lab lesson lint",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.into_values().collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn region(lines: &Lines<'_>, span: std::ops::Range<usize>) -> Value {
    let (line, column) = lines.place(span.start);
    let (end_line, end_column) = lines.place(span.end);
    json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column})
}

/// A file's name as a relative URI: what a URI cannot hold is written in hexadecimal digits.
fn uri(file: &str) -> String {
    let mut uri = String::with_capacity(file.len());
    for byte in file.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
