package io.switchboard.cli.client;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** What an answer that is no success means (spec/protocol.md, section 4), in sentences that say what to do next. */
final class Answers {
    static final String NEXT_OFFSET = "Stream-Next-Offset";
    static final String EARLIEST_OFFSET = "Stream-Earliest-Offset";
    static final String CLOSED = "Stream-Closed";

    private Answers() {}

    static boolean isClosed(HttpResponse<?> answer) {
        return "true".equalsIgnoreCase(header(answer, CLOSED));
    }

    /** A field of the head; empty if it is not there. */
    static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    /** Whether the same request may succeed later. */
    static boolean isPassing(int status) {
        return switch (status) {
            case 408, 429, 500, 502, 503, 504 -> true;
            default -> false;
        };
    }

    /** How long the server wants to be left alone, if it says so in seconds. */
    static Optional<Duration> retryAfter(HttpResponse<?> answer) {
        try {
            long seconds = Long.parseLong(header(answer, "Retry-After"));
            return seconds < 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(Math.min(seconds, 3_600)));
        } catch (NumberFormatException absentOrDate) {
            return Optional.empty();
        }
    }

    /** A member of the problem in the body; empty if it is not there. */
    static String problem(byte[] body, String member) {
        Map<String, byte[]> members = JsonText.members(body).orElse(Map.of());
        byte[] value = members.get(member);
        return value == null ? "" : JsonText.unquote(value);
    }

    /** What an answer to a read means that brought no messages and is no 410 with an offset to go on from. */
    static End end(HttpResponse<?> answer, byte[] body, ChannelAddress address) {
        if (isPassing(answer.statusCode())) return new End.Away(retryAfter(answer));
        return new End.Refused(failure(answer, body, address));
    }

    static Failure failure(HttpResponse<?> answer, byte[] body, ChannelAddress address) {
        int status = answer.statusCode();
        String detail = problem(body, "detail");
        return switch (status) {
            case 404 -> notFound(address);
            case 410 -> deleted(address);
            case 400 -> new Failure(Failure.Kind.USAGE, "The server does not take this: " + said(status, detail, body));
            case 401 ->
                unauthorized(
                        answer.request()
                                .headers()
                                .firstValue(Link.AUTHORIZATION)
                                .isPresent(),
                        address);
            case 403 -> forbidden(detail, address);
            case 507 ->
                new Failure(
                        Failure.Kind.REFUSED,
                        "The server's disk is full: nothing can be published until whoever runs it has made space.");
            default ->
                new Failure(
                        Failure.Kind.REFUSED,
                        "The server answers " + said(status, detail, body) + " Check that " + address.server()
                                + " is a Switchboard server.");
        };
    }

    /** @param shown whether a token was */
    static Failure unauthorized(boolean shown, ChannelAddress address) {
        return new Failure(
                Failure.Kind.REFUSED,
                shown
                        ? "The server at " + address.server() + " does not accept the token: it may have expired, or be"
                                + " for another server. Put a new one into the file of --token-file, or into"
                                + " SWITCHBOARD_TOKEN."
                        : "The server at " + address.server()
                                + " asks for a token: put one into a file and name it with"
                                + " --token-file FILE, or into SWITCHBOARD_TOKEN. ./switchboard token makes one.");
    }

    /** @param detail what the server said; empty where its answer has no body */
    static Failure forbidden(String detail, ChannelAddress address) {
        return new Failure(
                Failure.Kind.REFUSED,
                "The server does not allow this: "
                        + (detail.isEmpty()
                                ? "the token does not cover the channel " + address.channel() + "."
                                : detail)
                        + " Take a token that does, or ask whoever runs " + address.server() + ".");
    }

    static Failure notFound(ChannelAddress address) {
        return new Failure(
                Failure.Kind.NOT_FOUND,
                "There is no channel " + address.channel() + " at " + address.server()
                        + "; create it with: switchboard publish --create " + address.channel() + " MESSAGE");
    }

    static Failure deleted(ChannelAddress address) {
        return new Failure(
                Failure.Kind.GONE,
                "The channel " + address.channel() + " was deleted; whoever manages it can create it again, or choose"
                        + " another one.");
    }

    static Failure unreachable(ChannelAddress address) {
        return new Failure(
                Failure.Kind.UNREACHABLE,
                "No Switchboard server answers at " + address.server()
                        + "; start one with ./switchboard serve, or name another with --server URL.");
    }

    private static String said(int status, String detail, byte[] body) {
        if (!detail.isEmpty()) return detail;
        String text = new String(body, 0, Math.min(body.length, 80), StandardCharsets.UTF_8)
                .replaceAll("\\p{Cntrl}+", " ")
                .strip();
        return status + (text.isEmpty() ? "." : ", " + text + ".");
    }
}
