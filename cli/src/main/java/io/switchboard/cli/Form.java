package io.switchboard.cli;

import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** How the outcome is printed that can be had as text, Markdown and JSON: one of them. */
final class Form {
    @Option(
            names = {"-m", "--markdown"},
            order = 42,
            description = "Print Markdown in place of the text.")
    private boolean markdown;

    @Option(
            names = {"-j", "--json"},
            order = 43,
            description = "Print one JSON object in place of the text.")
    private boolean json;

    /** Whether it was asked for at all. */
    boolean isChosen() {
        return markdown || json;
    }

    String of(Supplier<String> text, Supplier<String> asMarkdown, Supplier<String> asJson) {
        return (json ? asJson : markdown ? asMarkdown : text).get();
    }
}
