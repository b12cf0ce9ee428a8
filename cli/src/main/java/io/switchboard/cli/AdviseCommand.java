package io.switchboard.cli;

import io.switchboard.cli.place.ChannelAddress;
import io.switchboard.cli.place.Credentials;
import io.switchboard.cli.place.Failure;
import io.switchboard.client.Json;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code switchboard advise}: asks a server how its channels had better be read. */
@Command(
        name = "advise",
        description = {
            "Ask a server what it has seen of its channels, and which transport would serve their readers cheapest.",
            "Changes nothing."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard advise http://127.0.0.1:8080",
            "  switchboard advise https://live.example.com --channel prices/btc --token-file token",
            "  switchboard advise https://live.example.com --limit 100 --json",
            "",
            "Every rule, and what was measured for it: docs/advice.md.",
            "Exit codes: 0 advised, or told that too little was seen; 1 refused; 2 a mistake in the arguments; 3 no server."
        })
final class AdviseCommand implements Callable<Integer> {
    private static final int LIMIT_MAX = 100;

    private final Shell shell;

    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    @Parameters(index = "0", paramLabel = "URL", description = "Of the server.")
    private String url = "";

    @Option(
            names = {"-c", "--channel"},
            paramLabel = "NAME",
            order = 1,
            description = "One channel, which takes the right to read it. Without: all, which takes an admin.")
    private @Nullable String channel;

    @Option(
            names = "--limit",
            paramLabel = "N",
            order = 2,
            description = "Of all channels, show those N that would save most, 1 to 100. Default: 20.")
    private @Nullable Integer limit;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            order = 3,
            description = "How long the answer may take, 1 to 60. Default: 10.")
    private int timeout = 10;

    @Mixin
    private TrustOption trust = new TrustOption();

    @Mixin
    private TokenOption token = new TokenOption();

    @Option(
            names = {"-j", "--json"},
            order = 6,
            description = "Print what the server answers (spec/protocol.md), in place of lines.")
    private boolean json;

    AdviseCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (limit != null && (limit < 1 || limit > LIMIT_MAX)) throw wrong("--limit is 1 to 100.");
        if (limit != null && channel != null) throw wrong("--limit is for the advice on all channels.");
        if (timeout < 1 || timeout > 60) throw wrong("--timeout is 1 to 60.");
        PrintWriter out = spec.commandLine().getOut();
        try {
            Credentials credentials = token.credentials(shell);
            URI server = ChannelAddress.server(url);
            if (channel != null) ChannelAddress.of(url, channel);
            String query = channel != null
                    ? "?channel=" + channel.replace("+", "%2B")
                    : limit != null ? "?limit=" + limit : "";
            Question question = new Question(server, credentials, trust.file(), Duration.ofSeconds(timeout));
            String answer = question.ask("/v1/advice" + query);
            if (json) out.println(answer);
            else new AdviceLines(out, shell).print(answer, channel != null);
            out.flush();
            return ExitCode.OK;
        } catch (Failure failure) {
            new Notes(spec.commandLine().getErr(), shell, false).warn(String.valueOf(failure.getMessage()));
            return ExitCode.of(failure);
        } catch (Json.Malformed | IllegalArgumentException other) {
            new Notes(spec.commandLine().getErr(), shell, false)
                    .warn("What came from " + url + "/v1/advice is not what a Switchboard of this version says.");
            return ExitCode.FAILED;
        }
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }
}
