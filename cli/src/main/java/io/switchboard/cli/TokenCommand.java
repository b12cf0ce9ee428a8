package io.switchboard.cli;

import io.switchboard.core.channel.ChannelPattern;
import io.switchboard.security.keys.KeyException;
import io.switchboard.security.keys.KeyFormat;
import io.switchboard.security.minting.SigningKey;
import io.switchboard.security.minting.TokenDraft;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code switchboard token}: signs a token; prints it and nothing else. */
@Command(
        name = "token",
        description = {
            "Make a token that a server with the other half of the key takes.",
            "Patterns of channels: * is one segment of a name, ** any number. An option may be given several times."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  switchboard token --key switchboard-key.jwks --sub alice --read 'chat/**' --write chat/room-1",
            "  switchboard token --key switchboard-key.jwks --sub ops --admin --expires 10min",
            "",
            "Exit codes: 0 made; 2 a mistake in the arguments, or a key that cannot sign."
        })
final class TokenCommand implements Callable<Integer> {
    private static final int TEXT_BYTES_MAX = 256;
    private static final int PATTERNS_MAX = 100;
    private static final Duration LIFE_MAX = Duration.ofDays(90);
    private static final Pattern LIFE = Pattern.compile("(\\d{1,6})(s|min|h|d)");

    @Spec
    private CommandSpec spec = CommandSpec.create(); // replaced by picocli

    @Option(
            names = "--key",
            paramLabel = "FILE",
            order = 1,
            description = "The private key, as `switchboard keys` made it. Default: ${DEFAULT-VALUE}.")
    private Path key = Path.of("switchboard-key.jwks");

    @Option(names = "--sub", paramLabel = "NAME", order = 2, required = true, description = "Who it is for.")
    private String subject = "";

    @Option(names = "--read", paramLabel = "PATTERN", order = 3, description = "Channels to read.")
    private List<String> read = List.of();

    @Option(names = "--write", paramLabel = "PATTERN", order = 4, description = "Channels to append to.")
    private List<String> write = List.of();

    @Option(names = "--manage", paramLabel = "PATTERN", order = 5, description = "Channels to create and delete.")
    private List<String> manage = List.of();

    @Option(names = "--admin", order = 6, description = "May see and end sessions.")
    private boolean admin;

    @Option(
            names = "--expires",
            paramLabel = "TIME",
            order = 7,
            description =
                    "How long it counts, such as 90s, 15min, 1h or 7d. Default: 1h. The server's auth.tokenLifeMax"
                            + " (1d) is the most it takes.")
    private String expires = "1h";

    @Option(names = "--issuer", paramLabel = "TEXT", order = 8, description = "Its iss, where auth.issuer is set.")
    private @Nullable String issuer;

    @Option(names = "--audience", paramLabel = "TEXT", order = 9, description = "Its aud, where auth.audience is set.")
    private @Nullable String audience;

    @Option(names = "--id", paramLabel = "TEXT", order = 10, description = "Its own name (jti), to revoke it alone.")
    private @Nullable String id;

    @Override
    public Integer call() {
        checkText("--sub", subject);
        if (issuer != null) checkText("--issuer", issuer);
        if (audience != null) checkText("--audience", audience);
        if (id != null) checkText("--id", id);
        checkPatterns("--read", read);
        checkPatterns("--write", write);
        checkPatterns("--manage", manage);
        TokenDraft draft = new TokenDraft(
                subject,
                read,
                write,
                manage,
                admin,
                life().toMillis(),
                Optional.ofNullable(issuer),
                Optional.ofNullable(audience),
                Optional.ofNullable(id));
        try (InputStream in = Files.newInputStream(key)) {
            byte[] bytes = in.readNBytes(KeyFormat.BYTES_MAX);
            SigningKey signing = SigningKey.read(new String(bytes, StandardCharsets.UTF_8));
            spec.commandLine().getOut().println(signing.sign(draft.claims(System.currentTimeMillis())));
            spec.commandLine().getOut().flush();
            return ExitCode.OK;
        } catch (NoSuchFileException missing) {
            throw wrong("There is no key file " + key + "; `switchboard keys` makes one.");
        } catch (IOException unreadable) {
            throw wrong("The key file " + key + " cannot be read.");
        } catch (KeyException unusable) {
            throw wrong("The key file " + key + " cannot be used. " + unusable.sentence());
        }
    }

    private Duration life() {
        Matcher matcher = LIFE.matcher(expires);
        if (matcher.matches()) {
            long count = Long.parseLong(matcher.group(1));
            Duration life =
                    switch (matcher.group(2)) {
                        case "s" -> Duration.ofSeconds(count);
                        case "min" -> Duration.ofMinutes(count);
                        case "h" -> Duration.ofHours(count);
                        default -> Duration.ofDays(count);
                    };
            if (life.isPositive() && life.compareTo(LIFE_MAX) <= 0) return life;
        }
        throw wrong("--expires is 1s to 90d, such as 90s, 15min, 1h or 7d.");
    }

    private void checkText(String option, String text) {
        boolean fits = !text.isEmpty()
                && text.getBytes(StandardCharsets.UTF_8).length <= TEXT_BYTES_MAX
                && text.codePoints().noneMatch(Character::isISOControl);
        if (!fits) throw wrong(option + " is 1 to " + TEXT_BYTES_MAX + " bytes without control characters.");
    }

    private void checkPatterns(String option, List<String> patterns) {
        if (patterns.size() > PATTERNS_MAX) throw wrong(option + " is given at most " + PATTERNS_MAX + " times.");
        for (String pattern : patterns) {
            try {
                new ChannelPattern(pattern);
            } catch (IllegalArgumentException noPattern) {
                throw wrong(option + ": " + pattern + " is no pattern of channel names, such as chat/** or chat/*.");
            }
        }
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }
}
