package io.switchboard.cli.channel;

import io.switchboard.cli.place.ChannelAddress;
import io.switchboard.cli.place.Failure;
import io.switchboard.client.SwitchboardException;

/** What a refusal means (spec/protocol.md, section 4), in sentences that say what to do next. */
final class Sentences {
    private Sentences() {}

    /** @param shown whether a token was */
    static Failure of(SwitchboardException why, boolean shown, ChannelAddress address) {
        String said = String.valueOf(why.getMessage());
        return switch (why.code()) {
            case SwitchboardException.UNREACHABLE -> unreachable(why, address);
            case "not_found" -> notFound(address);
            case "gone" -> deleted(address);
            case "invalid" ->
                new Failure(Failure.Kind.USAGE, "The server does not take this: " + said + perhapsTls(why, address));
            case "unauthorized" -> unauthorized(shown, address);
            case "forbidden" -> forbidden(why.detail("code").isEmpty() ? "" : said, address);
            case "full" ->
                new Failure(
                        Failure.Kind.REFUSED,
                        "The server's disk is full: nothing can be published until whoever runs it has made space.");
            case "refused" ->
                new Failure(
                        Failure.Kind.REFUSED,
                        said + " Ask whoever runs " + address.server() + " before you come again.");
            case "unavailable", "internal", "too_many", "request_timeout", "timeout" ->
                new Failure(
                        Failure.Kind.UNREACHABLE,
                        "The server at " + address.server() + " has not answered as it should: " + said);
            default ->
                new Failure(
                        Failure.Kind.REFUSED,
                        "The server refuses (" + why.code() + "): " + said + " Check that " + address.server()
                                + " is a Switchboard server.");
        };
    }

    private static Failure unauthorized(boolean shown, ChannelAddress address) {
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

    // An answer to HEAD says nothing.
    private static Failure forbidden(String said, ChannelAddress address) {
        return new Failure(
                Failure.Kind.REFUSED,
                "The server does not allow this: "
                        + (said.isEmpty() ? "the token does not cover the channel " + address.channel() + "." : said)
                        + " Take a token that does, or ask whoever runs " + address.server() + ".");
    }

    private static Failure notFound(ChannelAddress address) {
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

    // An answer to HEAD says nothing, and one of those that are refused at the entrance is HTTP on a port of HTTPS.
    private static String perhapsTls(SwitchboardException why, ChannelAddress address) {
        if (!why.detail("code").isEmpty()
                || !"http".equalsIgnoreCase(address.server().getScheme())) return "";
        return " If it speaks HTTPS, ask with --server https://"
                + address.server().getRawAuthority() + ".";
    }

    private static Failure unreachable(SwitchboardException why, ChannelAddress address) {
        if (why.reason().equals(SwitchboardException.TLS)) {
            return new Failure(
                    Failure.Kind.UNREACHABLE,
                    "TLS with " + address.server() + " fails, most likely for its certificate: name one to trust with"
                            + " --ca-file FILE (of serve --dev-tls: dev-tls/certificate.pem), or look with:"
                            + " switchboard doctor " + address.server());
        }
        return new Failure(
                Failure.Kind.UNREACHABLE,
                "No Switchboard server answers at " + address.server()
                        + "; start one with ./switchboard serve, or name another with --server URL.");
    }
}
