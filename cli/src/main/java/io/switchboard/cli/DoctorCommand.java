package io.switchboard.cli;

import io.switchboard.cli.doctor.Audience;
import io.switchboard.cli.doctor.Doctor;
import io.switchboard.cli.doctor.Examination;
import io.switchboard.cli.doctor.Finding;
import io.switchboard.cli.doctor.Level;
import io.switchboard.cli.doctor.Proxy;
import io.switchboard.cli.doctor.Step;
import io.switchboard.cli.doctor.Target;
import io.switchboard.cli.place.ChannelAddress;
import io.switchboard.cli.place.Credentials;
import io.switchboard.cli.place.Failure;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code switchboard doctor}: names what stands between a server and its clients. */
@Command(
        name = "doctor",
        description = {
            "Look at a server from outside, through all proxies, and name what keeps clients from working.",
            "Publishes nothing, unless a channel for it is named with --channel."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard doctor https://live.example.com",
            "  switchboard doctor https://live.example.com --channel test/doctor --idle 70",
            "  switchboard doctor https://live.example.com/v1/stream/chat/room-1 --token-file token",
            "  switchboard doctor wss://live.example.com/live --origin https://app.example.com --json",
            "",
            "Every finding: docs/doctor.md. Proxies that are set up well: docs/proxies.",
            "Exit codes: 0 nothing in the way; 1 trouble; 2 a mistake in the arguments; 130 Ctrl-C."
        })
final class DoctorCommand implements Callable<Integer> {
    private final Shell shell;

    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    @Parameters(
            index = "0",
            paramLabel = "URL",
            description = "Of the server, or of one of its channels, as clients use it.")
    private String url = "";

    @Option(
            names = {"-c", "--channel"},
            paramLabel = "NAME",
            order = 1,
            description = {
                "A channel that test messages are published to.",
                "One that is not there yet is created, and removed at the end."
            })
    private @Nullable String channel;

    @Option(
            names = "--idle",
            paramLabel = "SECONDS",
            order = 2,
            description = "Hold quiet connections for so long, 1 to 600, to see whether they are cut.")
    private @Nullable Integer idle;

    @Option(
            names = "--largest",
            paramLabel = "BYTES",
            order = 3,
            description = {
                "The largest message and body to try, 1KB to 64MB, such as 512KB.",
                "Default: 2MB, which is sent twice and comes back once."
            })
    private String largest = "2MB";

    @Option(
            names = "--origin",
            paramLabel = "URL",
            order = 4,
            description = "The origin of a web page that is to use the server, such as https://app.example.com.")
    private @Nullable String origin;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            order = 5,
            description = "How long each answer may take, 0.1 to 60. Default: 5.")
    private double timeout = 5;

    @Mixin
    private TrustOption trust = new TrustOption();

    @Mixin
    private TokenOption token = new TokenOption();

    @Option(
            names = {"-j", "--json"},
            order = 8,
            description = "Print one JSON object at the end, in place of lines.")
    private boolean json;

    DoctorCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws InterruptedException {
        Examination examination = examination();
        Notes notes = new Notes(spec.commandLine().getErr(), shell, false);
        PrintWriter out = spec.commandLine().getOut();
        try {
            Credentials credentials = token.credentials(shell);
            Target target = Target.of(url);
            if (channel != null) ChannelAddress.of(target.server().toString(), channel);
            DoctorReport report = new DoctorReport(target);
            DoctorLines lines = new DoctorLines(out, shell);
            Doctor doctor = new Doctor(target, examination, credentials);
            if (!json) lines.begin(target);
            Optional<Proxy> proxy = doctor.examine(new Audience() {
                @Override
                public void looking(Step step) {
                    notes.progress("looking at " + step + " ...");
                }

                @Override
                public void found(Finding finding) {
                    notes.clear();
                    report.add(finding);
                    if (!json) lines.print(finding);
                }
            });
            notes.clear();
            int code = report.count(Level.TROUBLE) > 0 ? ExitCode.FAILED : ExitCode.OK;
            if (json) out.println(report.json(code));
            else lines.end(report, proxy);
            out.flush();
            return code;
        } catch (Failure failure) {
            notes.warn(String.valueOf(failure.getMessage()));
            return ExitCode.of(failure);
        }
    }

    private Examination examination() {
        if (idle != null && (idle < 1 || idle > Examination.IDLE_MAX.toSeconds())) throw wrong("--idle is 1 to 600.");
        Duration patience = Duration.ofMillis(Math.round(timeout * 1_000));
        if (!(timeout >= 0.1 && timeout <= 60)) throw wrong("--timeout is 0.1 to 60.");
        if (origin != null && !origin.matches("https?://[A-Za-z0-9.:\\[\\]-]{1,255}")) {
            throw wrong("--origin is the beginning of a page's URL, such as https://app.example.com.");
        }
        return new Examination(
                patience,
                bytes(),
                Duration.ofSeconds(idle == null ? 0 : idle),
                Optional.ofNullable(origin),
                Optional.ofNullable(channel),
                trust.file());
    }

    private int bytes() {
        if (largest.matches("[0-9]{1,9}([kKmM][bB])?")) {
            long number = Long.parseLong(largest.replaceFirst("[a-zA-Z]+$", ""));
            char unit = Character.toLowerCase(largest.charAt(Math.max(0, largest.length() - 2)));
            long bytes = unit == 'k' ? number << 10 : unit == 'm' ? number << 20 : number;
            if (bytes >= Examination.LARGEST_MIN && bytes <= Examination.LARGEST_MAX) return (int) bytes;
        }
        throw wrong("--largest is 1KB to 64MB.");
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }
}
