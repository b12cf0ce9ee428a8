package io.switchboard.http.websocket;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * permessage-deflate as it was agreed with a client (RFC 7692, section 7). Both sides begin every message
 * anew: so one compressed frame serves all readers, and no connection keeps a window.
 *
 * @param windowBits how far back what the server compresses may point, as a power of two: 8 to 15
 * @param windowAsked whether the client asked for that
 */
public record Deflate(int windowBits, boolean windowAsked) {
    public static final int WINDOW_BITS_MAX = 15;
    private static final int WINDOW_BITS_MIN = 8;
    private static final String NAME = "permessage-deflate";

    private record Parameter(String name, @Nullable String value) {}

    private record Extension(String name, List<Parameter> parameters) {}

    /**
     * The first offer that can be taken; null if there is none. An offer that is not understood is declined, which
     * costs the client its compression and nothing else.
     *
     * @param fields values of {@code Sec-WebSocket-Extensions}
     */
    public static @Nullable Deflate choose(List<String> fields) {
        for (String field : fields) {
            List<Extension> offers = new Offers(field).parse();
            if (offers == null) return null; // where one offer ends cannot be told
            for (Extension offer : offers) {
                Deflate taken = accept(offer);
                if (taken != null) return taken;
            }
        }
        return null;
    }

    private static @Nullable Deflate accept(Extension offer) {
        if (!offer.name().equals(NAME)) return null;
        int bits = WINDOW_BITS_MAX;
        boolean asked = false;
        Set<String> seen = new HashSet<>();
        for (Parameter parameter : offer.parameters()) {
            String value = parameter.value();
            if (!seen.add(parameter.name())) return null;
            switch (parameter.name()) {
                case "server_no_context_takeover", "client_no_context_takeover" -> {
                    if (value != null) return null;
                }
                case "client_max_window_bits" -> {
                    // whatever it is, a window of the greatest size reads it
                    if (value != null && windowBits(value) < 0) return null;
                }
                case "server_max_window_bits" -> {
                    if (value == null || windowBits(value) < 0) return null;
                    bits = windowBits(value);
                    asked = true;
                }
                default -> {
                    return null;
                }
            }
        }
        return new Deflate(bits, asked);
    }

    private static int windowBits(String value) {
        if (value.isEmpty() || value.length() > 2 || value.charAt(0) == '0') return -1;
        int bits = 0;
        for (int i = 0; i < value.length(); i++) {
            int digit = value.charAt(i) - '0';
            if (digit < 0 || digit > 9) return -1;
            bits = 10 * bits + digit;
        }
        return bits >= WINDOW_BITS_MIN && bits <= WINDOW_BITS_MAX ? bits : -1;
    }

    /** What the handshake answers. */
    public String answer() {
        String answer = NAME + "; server_no_context_takeover; client_no_context_takeover";
        return windowAsked ? answer + "; server_max_window_bits=" + windowBits : answer;
    }

    /** The list of extensions in one field (RFC 6455, section 9.1; RFC 9110, section 5.6). */
    private static final class Offers {
        private final String field;
        private int at;

        Offers(String field) {
            this.field = field;
        }

        @Nullable
        List<Extension> parse() {
            List<Extension> offers = new ArrayList<>();
            do {
                String name = token();
                if (name == null) return null;
                List<Parameter> parameters = new ArrayList<>();
                while (take(';')) {
                    String parameter = token();
                    if (parameter == null) return null;
                    String value = null;
                    if (take('=')) {
                        skipSpace();
                        value = at < field.length() && field.charAt(at) == '"' ? quoted() : token();
                        if (value == null) return null;
                    }
                    parameters.add(new Parameter(parameter, value));
                }
                offers.add(new Extension(name, parameters));
            } while (take(','));
            return at == field.length() ? offers : null;
        }

        private boolean take(char wanted) {
            skipSpace();
            if (at == field.length() || field.charAt(at) != wanted) return false;
            at++;
            return true;
        }

        private void skipSpace() {
            while (at < field.length() && (field.charAt(at) == ' ' || field.charAt(at) == '\t')) at++;
        }

        private @Nullable String token() {
            skipSpace();
            int start = at;
            while (at < field.length() && Handshake.isTokenCharacter(field.charAt(at))) at++;
            return at == start ? null : field.substring(start, at).toLowerCase(Locale.ROOT);
        }

        private @Nullable String quoted() {
            StringBuilder value = new StringBuilder();
            for (at++; at < field.length(); at++) {
                char c = field.charAt(at);
                if (c == '"') {
                    at++;
                    return value.toString();
                }
                if (c == '\\' && ++at < field.length()) c = field.charAt(at);
                value.append(c);
            }
            return null;
        }
    }
}
