package io.switchboard.http.caller;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@code Forwarded} field, taken apart (RFC 7239, section 4). */
final class ForwardedLine {
    private final String text;
    private int at;

    private ForwardedLine(String text) {
        this.text = text;
    }

    /** Its elements, the names of their parameters in lower case; null if it is not in the form, or has more. */
    static @Nullable List<Map<String, String>> parse(String text, int elementsMax) {
        ForwardedLine line = new ForwardedLine(text);
        List<Map<String, String>> elements = new ArrayList<>();
        do {
            Map<String, String> element = line.element();
            if (element == null || elements.size() == elementsMax) return null;
            elements.add(element);
        } while (line.take(','));
        return line.at == text.length() ? elements : null;
    }

    private @Nullable Map<String, String> element() {
        Map<String, String> element = new HashMap<>(4);
        do {
            skipBlanks();
            String name = token().toLowerCase(Locale.ROOT);
            if (name.isEmpty() || at == text.length() || text.charAt(at) != '=') return null;
            at++;
            String value = at < text.length() && text.charAt(at) == '"' ? quoted() : token();
            if (value == null || value.isEmpty() || element.put(name, value) != null) return null;
            skipBlanks();
        } while (take(';'));
        return element;
    }

    private boolean take(char separator) {
        if (at == text.length() || text.charAt(at) != separator) return false;
        at++;
        return true;
    }

    private void skipBlanks() {
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) at++;
    }

    private String token() {
        int start = at;
        while (at < text.length() && isTokenCharacter(text.charAt(at))) at++;
        return text.substring(start, at);
    }

    private static boolean isTokenCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    /** The text between quotes, with what is escaped; null without an end. */
    private @Nullable String quoted() {
        StringBuilder value = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return value.toString();
            }
            if (c == '\\') {
                if (++at == text.length()) return null;
                c = text.charAt(at);
            }
            value.append(c);
        }
        return null;
    }
}
