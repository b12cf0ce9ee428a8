package io.switchboard.cli;

import io.switchboard.bench.BenchFailure;
import io.switchboard.bench.Halt;
import io.switchboard.bench.claims.Claim;
import io.switchboard.bench.claims.Claims;
import io.switchboard.bench.claims.Told;
import io.switchboard.server.config.Suggestion;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code switchboard claims}: what people say of polling and pushing, each as an experiment on this machine. */
@Command(
        name = ClaimsCommand.NAME,
        description = {
            "Measure what is commonly said of polling, event streams and WebSockets.",
            "Each claim is an experiment with real connections to servers of its own on this machine, and ends in figures and a"
                    + " verdict."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard claims list                           what there is, and how long it takes",
            "  switchboard claims                                all of them, in some four minutes",
            "  switchboard claims memory headers                 two of them",
            "  switchboard claims framing --json                 for machines",
            "  switchboard claims memory --http 2                over another version of HTTP",
            "  switchboard claims --out docs/claims.md           as a document, with how each was measured",
            "",
            "Verdicts: true; true within limits; false here, on this machine with this server; not told, if it could not be",
            "measured. docs/claims.md has those of one machine, and the rules.",
            "Exit codes: 0 all could be measured, whatever the verdicts, or lacked only what is not on this machine; 1 a",
            "measurement failed; 2 a mistake in the arguments; 130 Ctrl-C."
        })
final class ClaimsCommand implements Callable<Integer> {
    static final String NAME = "claims";

    private static final String LIST = "list";

    private final Shell shell;

    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    @Parameters(
            paramLabel = "ID",
            arity = "0..*",
            description = "Those to measure, by name; list shows the names. Default: all.")
    private List<String> ids = List.of();

    @Option(
            names = "--quick",
            order = 1,
            description = {"Measure shorter and with less: to see that it works, not for the figures. Not with --out."})
    private boolean quick;

    @Option(
            names = "--http",
            paramLabel = "N",
            order = 3,
            description = {
                "The version of HTTP that viewers speak, 1 to 3; each on a connection of his own, 3 with TLS in any case. Default: 1."
            })
    private int http = 1;

    @ArgGroup
    private Form form = new Form();

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            order = 2,
            description = "Write the Markdown document to a file, beside what is printed.")
    private @Nullable String out;

    @Mixin
    private Measuring measuring = new Measuring();

    ClaimsCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        if (ids.contains(LIST)) return list();
        List<Claim> asked = asked();
        Path document = document();
        Notes notes = new Notes(spec.commandLine().getErr(), shell, true);
        Halt halt = Measuring.haltOnSignal();
        try {
            Told told = Claims.run(asked, http, quick, VersionCommand.version(), measuring.progress(notes), halt);
            notes.clear();
            spec.commandLine().getOut().println(form.of(told::text, told::markdown, told::json));
            spec.commandLine().getOut().flush();
            if (document != null) {
                Files.writeString(document, told.markdown() + "\n");
                notes.note("The document is in " + document + ".");
            }
            return told.isGood() ? ExitCode.OK : ExitCode.FAILED;
        } catch (BenchFailure failure) {
            return Measuring.failed(failure, notes);
        } catch (IOException unwritable) {
            notes.warn("The document could not be written to " + document + ".");
            return ExitCode.FAILED;
        }
    }

    private int list() {
        if (ids.size() > 1 || quick || http != 1 || out != null || form.isChosen()) {
            throw wrong("claims list takes nothing else: it measures nothing.");
        }
        PrintWriter lines = spec.commandLine().getOut();
        int width = Claims.all().stream()
                .mapToInt(claim -> claim.id().length())
                .max()
                .orElse(0);
        for (Claim claim : Claims.all()) {
            lines.printf("%-" + width + "s  %3d s  %s%n", claim.id(), claim.seconds(), claim.sentence());
        }
        lines.flush();
        return ExitCode.OK;
    }

    private List<Claim> asked() {
        if (ids.isEmpty()) return Claims.all();
        Set<String> known = Claims.all().stream().map(Claim::id).collect(Collectors.toCollection(LinkedHashSet::new));
        List<Claim> asked = new ArrayList<>();
        for (String id : ids) {
            asked.add(Claims.named(id)
                    .orElseThrow(() -> wrong("There is no claim " + id + "." + Suggestion.near(id, known)
                            + " There are " + String.join(", ", known) + "; and list.")));
        }
        return asked;
    }

    private @Nullable Path document() {
        if (out != null && quick) {
            throw wrong("--quick shows that it works; a document is made of whole measurements, without it.");
        }
        return Measuring.file("--out", out, spec);
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }
}
