package io.switchboard.server.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a value is written, and which values are allowed.
 *
 * @param range the allowed values, in words that fit behind "allowed:"
 * @param parser the value that a text stands for; empty if the text stands for none, or for one out of range
 * @param writer the text that stands for a value, which {@code parser} reads back
 */
record Kind<T>(String range, Function<String, Optional<T>> parser, Function<T, String> writer) {
    private static final Pattern QUANTITY = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,3})?) ?([A-Za-z]*)");
    private static final Map<String, Long> BYTES_PER_UNIT =
            units("B", 1L, "KB", 1L << 10, "MB", 1L << 20, "GB", 1L << 30);
    private static final Map<String, Long> MILLIS_PER_UNIT =
            units("ms", 1L, "s", 1_000L, "min", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

    Optional<T> parse(String text) {
        return parser.apply(text.strip());
    }

    String write(T value) {
        return writer.apply(value);
    }

    boolean allows(T value) {
        return parse(write(value)).equals(Optional.of(value));
    }

    /** This kind, and one word more. */
    Kind<T> or(String word, T value) {
        return new Kind<>(
                word + ", or " + range,
                text -> text.equals(word) ? Optional.of(value) : parser.apply(text),
                given -> given.equals(value) ? word : writer.apply(given));
    }

    /** This kind, or the word none for nothing. */
    Kind<Optional<T>> orNone() {
        Kind<Optional<T>> present = as(Optional::of, Optional::orElseThrow);
        return present.or("none", Optional.empty());
    }

    <U> Kind<U> as(Function<T, U> to, Function<U, T> back) {
        return new Kind<>(range, text -> parser.apply(text).map(to), value -> writer.apply(back.apply(value)));
    }

    /** Any text for which {@code make} makes a value instead of throwing {@link IllegalArgumentException}. */
    static <T> Kind<T> made(String range, Function<String, T> make, Function<T, String> writer) {
        return new Kind<>(
                range,
                text -> {
                    try {
                        return Optional.of(make.apply(text));
                    } catch (IllegalArgumentException refused) {
                        return Optional.empty();
                    }
                },
                writer);
    }

    static Kind<Long> number(long min, long max) {
        return new Kind<>(
                min + " to " + max,
                text -> text.matches("\\d{1,18}")
                        ? Optional.of(Long.parseLong(text)).filter(n -> n >= min && n <= max)
                        : Optional.empty(),
                String::valueOf);
    }

    static Kind<Integer> integer(int min, int max) {
        return number(min, max).as(Math::toIntExact, Integer::longValue);
    }

    /** Sizes such as {@code 512}, {@code 16KB} or {@code 1.5GB}; 1 KB is 1,024 bytes. */
    static Kind<Long> bytes(String min, String max) {
        return quantity(BYTES_PER_UNIT, "B", min, max);
    }

    /** Times such as {@code 250ms}, {@code 90s}, {@code 5min}, {@code 12h} or {@code 7d}; a unit is needed. */
    static Kind<Duration> duration(String min, String max) {
        return quantity(MILLIS_PER_UNIT, "", min, max).as(Duration::ofMillis, Duration::toMillis);
    }

    static <E extends Enum<E>> Kind<E> word(Class<E> type) {
        Map<String, E> words = new LinkedHashMap<>();
        for (E constant : type.getEnumConstants()) words.put(wordFor(constant), constant);
        return new Kind<>(
                String.join(", ", words.keySet()), text -> Optional.ofNullable(words.get(text)), Kind::wordFor);
    }

    private static String wordFor(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Kind<Long> quantity(Map<String, Long> units, String noUnit, String min, String max) {
        long low = quantityOf(units, noUnit, min).orElseThrow();
        long high = quantityOf(units, noUnit, max).orElseThrow();
        return new Kind<>(
                min + " to " + max,
                text -> quantityOf(units, noUnit, text).filter(value -> value >= low && value <= high),
                value -> quantityText(units, value));
    }

    private static Optional<Long> quantityOf(Map<String, Long> units, String noUnit, String text) {
        Matcher matcher = QUANTITY.matcher(text);
        if (!matcher.matches()) return Optional.empty();
        Long factor = units.get(matcher.group(2).isEmpty() ? noUnit : matcher.group(2));
        if (factor == null) return Optional.empty();
        BigDecimal value = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(factor));
        return value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) < 0
                ? Optional.of(value.longValue())
                : Optional.empty();
    }

    /** In the largest unit that needs no fraction. */
    private static String quantityText(Map<String, Long> units, long value) {
        String text = "";
        for (Map.Entry<String, Long> unit : units.entrySet()) {
            if (text.isEmpty() || (value != 0 && value % unit.getValue() == 0)) {
                text = value / unit.getValue() + unit.getKey();
            }
        }
        return text;
    }

    private static Map<String, Long> units(Object... namesAndFactors) {
        Map<String, Long> units = new LinkedHashMap<>();
        for (int i = 0; i < namesAndFactors.length; i += 2) {
            units.put((String) namesAndFactors[i], (Long) namesAndFactors[i + 1]);
        }
        return units;
    }
}
