package io.switchboard.server.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/** A YAML document as a tree that still knows on which line everything stands. */
sealed interface Yaml {
    /** 1 for the first. */
    int line();

    /** A value as written, without its quotes; empty if nothing is written. */
    record Scalar(String text, int line) implements Yaml {}

    record Section(Map<String, Entry> entries, int line) implements Yaml {}

    record Items(List<Yaml> items, int line) implements Yaml {}

    /** @param line of the key */
    record Entry(Yaml value, int line) {}

    /** The text is not YAML, or is YAML that a configuration has no use for. */
    final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;
        private final int line;

        Malformed(int line, String sentence) {
            super(sentence);
            this.line = line;
        }

        int line() {
            return line;
        }
    }

    /** How deep sections and lists may be nested. */
    int DEPTH_MAX = 8;

    static Yaml parse(String text) throws Malformed {
        try (YAMLParser parser = (YAMLParser) new YAMLFactory().createParser(ObjectReadContext.empty(), text)) {
            JsonToken first = parser.nextToken();
            if (first == null) return new Section(Map.of(), 1);
            Yaml root = node(parser, first, 0);
            if (parser.nextToken() != null) throw new Malformed(line(parser), "Only one YAML document is read.");
            return root;
        } catch (JacksonException broken) {
            int line = broken.getLocation() == null
                    ? 1
                    : Math.max(1, broken.getLocation().getLineNr());
            String reason = String.valueOf(broken.getOriginalMessage())
                    .lines()
                    .findFirst()
                    .orElse("");
            throw new Malformed(line, "This is not YAML: " + reason);
        }
    }

    private static Yaml node(YAMLParser parser, JsonToken token, int depth) throws Malformed {
        int line = line(parser);
        if (depth > DEPTH_MAX) throw new Malformed(line, "Sections are nested more than " + DEPTH_MAX + " deep.");
        if (parser.isCurrentAlias()) throw new Malformed(line, "Anchors and aliases are not supported.");
        return switch (token) {
            case START_OBJECT -> section(parser, line, depth);
            case START_ARRAY -> {
                List<Yaml> items = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    items.add(node(parser, next, depth + 1));
                }
                yield new Items(items, line);
            }
            case VALUE_NULL -> new Scalar("", line);
            case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE, VALUE_EMBEDDED_OBJECT ->
                new Scalar(String.valueOf(parser.getString()), line);
            case END_OBJECT, END_ARRAY, PROPERTY_NAME, NOT_AVAILABLE ->
                throw new Malformed(line, "This is not YAML: unexpected " + token);
        };
    }

    private static Section section(YAMLParser parser, int line, int depth) throws Malformed {
        Map<String, Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String key = parser.currentName();
            int keyLine = line(parser);
            Yaml value = node(parser, parser.nextToken(), depth + 1);
            Entry twin = entries.put(key, new Entry(value, keyLine));
            if (twin != null) throw new Malformed(keyLine, key + " stands on line " + twin.line() + " already.");
        }
        return new Section(entries, line);
    }

    private static int line(YAMLParser parser) {
        return Math.max(1, parser.currentTokenLocation().getLineNr());
    }
}
