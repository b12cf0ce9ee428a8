package io.switchboard.core.advice;

import io.switchboard.core.advice.Prices.Price;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What was measured, which the rules stand on: a file that {@code benchmarks/when/evidence} writes, and nobody else. Does
 * not change; any thread.
 */
public final class Evidence {
    private static final String FILE = "evidence.properties";

    /**
     * A run of readers that was measured over one transport.
     *
     * @param everySeconds of {@link Transport#POLL}: how often each reader asked
     * @param bytesPerSecond on the wire, in both directions
     * @param micros of the server's processors, in a second
     */
    public record Case(
            Transport transport,
            int readers,
            double messagesPerSecond,
            int messageBytes,
            double everySeconds,
            double bytesPerSecond,
            double micros) {}

    private final Properties values;

    private Evidence(Properties values) {
        this.values = values;
    }

    /**
     * The one that this program was built with.
     *
     * @throws IllegalStateException if it lacks something, or is damaged
     */
    public static Evidence shipped() {
        Properties values = new Properties();
        try (InputStream in = Evidence.class.getResourceAsStream(FILE)) {
            if (in == null) throw new IllegalStateException(FILE + " is missing");
            values.load(new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Evidence(values);
    }

    /** When, on what and with which command it was measured. */
    public String origin() {
        return text("origin");
    }

    /** What the sources of the rules were when it was measured, as {@code benchmarks/when/evidence} reckons it. */
    public String rules() {
        return text("rules");
    }

    /** Names all of it, in 12 hexadecimal digits. */
    public String digest() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(values)
                .forEach((key, value) ->
                        text.append(key).append('=').append(value).append('\n'));
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 6);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    public Prices prices() {
        return new Prices(
                price("poll.empty"),
                price("poll.full"),
                price("longpoll"),
                price("event"),
                price("frame"),
                price("post"),
                price("said"),
                price("idle.events"),
                price("idle.socket"),
                number("memory.poll"),
                number("memory.events"),
                number("memory.socket"));
    }

    /** Whole runs, to hold the rules against. */
    public List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (int i = 1; values.getProperty("case." + i + ".transport") != null; i++) {
            String of = "case." + i + ".";
            String word = text(of + "transport");
            Transport transport = null;
            for (Transport one : Transport.values()) if (one.word().equals(word)) transport = one;
            if (transport == null) throw new IllegalStateException(FILE + ": there is no " + word);
            cases.add(new Case(
                    transport,
                    (int) number(of + "readers"),
                    number(of + "messagesPerSecond"),
                    (int) number(of + "messageBytes"),
                    number(of + "everySeconds"),
                    number(of + "bytesPerSecond"),
                    number(of + "micros")));
        }
        return cases;
    }

    private Price price(String of) {
        return new Price(number(of + ".bytes"), number(of + ".micros"));
    }

    private double number(String key) {
        double number = Double.parseDouble(text(key));
        if (!(number >= 0 && number < 1e15)) throw new IllegalStateException(FILE + ": " + key + " is 0 or more");
        return number;
    }

    private String text(String key) {
        String text = values.getProperty(key);
        if (text == null) throw new IllegalStateException(FILE + " lacks " + key);
        return text;
    }
}
