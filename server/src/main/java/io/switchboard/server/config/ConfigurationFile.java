package io.switchboard.server.config;

import io.switchboard.core.channel.ChannelPolicy;
import io.switchboard.core.channel.Policies;
import io.switchboard.core.channel.Retention;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a configuration file says, and what is wrong with it. */
final class ConfigurationFile {
    static final long BYTES_MAX = 1 << 20;
    static final int ITEMS_MAX = 1_000;

    private final Path path;
    private final List<Problem> problems = new ArrayList<>();
    private final Map<String, Given> values = new LinkedHashMap<>();
    private List<Yaml> channels = List.of();
    private List<Yaml> routes = List.of();

    private ConfigurationFile(Path path) {
        this.path = path;
    }

    static ConfigurationFile read(Path path) {
        ConfigurationFile file = new ConfigurationFile(path);
        try {
            if (Files.size(path) > BYTES_MAX) {
                file.problems.add(new Problem(path.toString(), "The file is larger than " + BYTES_MAX + " bytes."));
            } else {
                file.take(Yaml.parse(Files.readString(path)));
            }
        } catch (Yaml.Malformed malformed) {
            file.problem(malformed.line(), String.valueOf(malformed.getMessage()));
        } catch (NoSuchFileException missing) {
            file.problems.add(new Problem(path.toString(), "There is no such file."));
        } catch (MalformedInputException binary) {
            file.problems.add(new Problem(path.toString(), "The file is not UTF-8 text."));
        } catch (IOException unreadable) {
            file.problems.add(new Problem(path.toString(), "The file cannot be read."));
        }
        return file;
    }

    List<Problem> problems() {
        return problems;
    }

    /** By the name of the key; lists of plain values are joined by commas. */
    Map<String, Given> values() {
        return values;
    }

    /** The rules of the list {@code channels}; adds to {@link #problems()}. */
    List<Policies.Rule> rules(ChannelPolicy defaults) {
        List<Policies.Rule> rules = new ArrayList<>();
        for (Yaml item : channels) {
            Map<String, Given> given = item(Keys.CHANNELS, item);
            if (!needs(Keys.CHANNELS, item, given, Keys.CHANNEL_MATCH)) continue;
            Retention retention = new Retention(
                    value(
                            given,
                            Keys.CHANNEL_RETENTION_MESSAGES,
                            defaults.retention().messagesMax()),
                    value(
                            given,
                            Keys.CHANNEL_RETENTION_BYTES,
                            defaults.retention().bytesMax()),
                    value(
                            given,
                            Keys.CHANNEL_RETENTION_AGE,
                            defaults.retention().ageMaxMillis()));
            ChannelPolicy policy = new ChannelPolicy(
                    value(given, Keys.CHANNEL_DURABILITY, defaults.durability()),
                    retention,
                    value(given, Keys.CHANNEL_CREATION, defaults.creation()));
            parsed(given, Keys.CHANNEL_MATCH).ifPresent(pattern -> rules.add(new Policies.Rule(pattern, policy)));
        }
        return rules;
    }

    /** The routes of the list {@code routes}; adds to {@link #problems()}. */
    List<Route> routes() {
        Map<String, Route> byPath = new LinkedHashMap<>();
        for (Yaml item : routes) {
            Map<String, Given> given = item(Keys.ROUTES, item);
            if (!needs(Keys.ROUTES, item, given, Keys.ROUTE_PATH)) continue;
            if (!needs(Keys.ROUTES, item, given, Keys.ROUTE_CHANNEL)) continue;
            Route.Form form = value(given, Keys.ROUTE_READ, Route.Form.LAST);
            Given last = given.get(Keys.ROUTE_LAST.name());
            if (form != Route.Form.LAST && last != null) {
                problems.add(new Problem(last.place(), "routes: last goes only with read: last."));
            }
            var channel = parsed(given, Keys.ROUTE_CHANNEL);
            var routePath = parsed(given, Keys.ROUTE_PATH);
            if (channel.isEmpty() || routePath.isEmpty()) continue;
            Route route = new Route(routePath.get(), channel.get(), form, value(given, Keys.ROUTE_LAST, 1));
            if (byPath.put(route.path(), route) != null) {
                problem(item.line(), "routes: " + route.path() + " has a route already.");
            }
        }
        return List.copyOf(byPath.values());
    }

    private void take(Yaml root) {
        Map<String, Yaml.Entry> found = new LinkedHashMap<>();
        if (root instanceof Yaml.Section section) {
            flatten("", section, found);
        } else {
            problem(root.line(), "The file has to be a list of keys and values, such as port: 8080.");
        }
        Map<String, Key<?>> keys = new HashMap<>();
        for (Key<?> key : Keys.ALL) keys.put(key.name(), key);
        found.forEach((name, entry) -> {
            Key<?> key = keys.get(name);
            if (name.equals(Keys.CHANNELS.key())) {
                channels = items(name, entry);
            } else if (name.equals(Keys.ROUTES.key())) {
                routes = items(name, entry);
            } else if (key != null) {
                scalar(name, entry).ifPresent(given -> {
                    Configuration.check(key, name, given).ifPresent(problems::add);
                    values.put(name, given);
                });
            } else if (!isEmptySection(name, entry)) {
                List<String> known = new ArrayList<>(keys.keySet());
                for (Keys.ItemList list : Keys.LISTS) known.add(list.key());
                problem(entry.line(), name + ": There is no such key." + Suggestion.near(name, known));
            }
        });
    }

    /** A section may be written down with nothing, or only comments, in it. */
    private static boolean isEmptySection(String name, Yaml.Entry entry) {
        return entry.value() instanceof Yaml.Scalar scalar
                && scalar.text().isEmpty()
                && Keys.ALL.stream().anyMatch(key -> key.name().startsWith(name + "."));
    }

    private static void flatten(String prefix, Yaml.Section section, Map<String, Yaml.Entry> into) {
        section.entries().forEach((key, entry) -> {
            if (entry.value() instanceof Yaml.Section inner) {
                flatten(prefix + key + ".", inner, into);
            } else {
                into.put(prefix + key, entry);
            }
        });
    }

    private List<Yaml> items(String name, Yaml.Entry entry) {
        if (entry.value() instanceof Yaml.Scalar scalar && scalar.text().isEmpty()) return List.of();
        if (!(entry.value() instanceof Yaml.Items list)) {
            problem(entry.line(), name + ": This has to be a list; each item begins with a dash.");
            return List.of();
        }
        if (list.items().size() > ITEMS_MAX) {
            problem(entry.line(), name + ": At most " + ITEMS_MAX + " items are allowed.");
            return List.of();
        }
        return list.items();
    }

    private Optional<Given> scalar(String name, Yaml.Entry entry) {
        return switch (entry.value()) {
            case Yaml.Scalar scalar -> Optional.of(new Given(scalar.text(), place(scalar.line())));
            case Yaml.Items list -> {
                List<String> texts = new ArrayList<>();
                for (Yaml item : list.items()) {
                    if (item instanceof Yaml.Scalar scalar) texts.add(scalar.text());
                }
                if (texts.size() == list.items().size()) {
                    yield Optional.of(new Given(String.join(", ", texts), place(entry.line())));
                }
                problem(entry.line(), name + ": This has to be plain values.");
                yield Optional.empty();
            }
            case Yaml.Section section -> {
                problem(section.line(), name + ": This has to be a plain value.");
                yield Optional.empty();
            }
        };
    }

    /** What one item of a list gives, by key; unknown keys and values that are not allowed become problems. */
    private Map<String, Given> item(Keys.ItemList list, Yaml item) {
        Map<String, Given> given = new LinkedHashMap<>();
        if (!(item instanceof Yaml.Section section)) {
            problem(
                    item.line(),
                    list.key() + ": Each item has keys and values, such as "
                            + list.itemKeys().getFirst().name() + ": ….");
            return given;
        }
        Map<String, Yaml.Entry> found = new LinkedHashMap<>();
        flatten("", section, found);
        found.forEach((name, entry) -> {
            Optional<Key<?>> key = list.itemKeys().stream()
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst();
            if (key.isEmpty()) {
                List<String> known =
                        list.itemKeys().stream().<String>map(Key::name).toList();
                problem(
                        entry.line(),
                        list.key() + ": " + name + ": There is no such key." + Suggestion.near(name, known));
                return;
            }
            scalar(name, entry).ifPresent(value -> {
                given.put(name, value);
                Configuration.check(key.get(), list.key() + ": " + name, value).ifPresent(problems::add);
            });
        });
        return given;
    }

    private boolean needs(Keys.ItemList list, Yaml item, Map<String, Given> given, Key<?> key) {
        if (given.containsKey(key.name())) return true;
        if (item instanceof Yaml.Section) {
            problem(item.line(), list.key() + ": This item needs the key " + key.name() + ".");
        }
        return false;
    }

    private static <T> T value(Map<String, Given> given, Key<T> key, T otherwise) {
        return parsed(given, key).orElse(otherwise);
    }

    private static <T> Optional<T> parsed(Map<String, Given> given, Key<T> key) {
        return Optional.ofNullable(given.get(key.name()))
                .flatMap(value -> key.kind().parse(value.text()));
    }

    private String place(int line) {
        return path + ":" + line;
    }

    private void problem(int line, String sentence) {
        problems.add(new Problem(place(line), sentence));
    }
}
