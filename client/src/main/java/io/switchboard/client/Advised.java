package io.switchboard.client;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * What a server advises the readers of a channel to read it by, for a client that wants to follow it
 * ({@link Options#transports}).
 *
 * @param transports the advised one and those that come after it where it does not get through; all of them without advice,
 *     or if the server is not sure of it
 * @param sentence why, for people; what a program reads is the other
 */
public record Advised(Set<Transport> transports, String sentence) {
    private static final int OK = 200;
    private static final int SENTENCE_MAX = 1_000;
    private static final String UNSURE = "low";

    public Advised {
        transports = Collections.unmodifiableSet(EnumSet.copyOf(transports)); // best first
    }

    /** No answer, or one that says nothing, is no advice. */
    static Advised of(Answer answer) {
        if (answer.status() != OK) return none("The server gives no advice.");
        try {
            Map<String, String> advice =
                    Json.members(Json.members(answer.body()).getOrDefault("advice", "{}"));
            String word = Envelope.text(advice, "transport");
            String sentence = Envelope.text(advice, "sentence");
            if (sentence.length() > SENTENCE_MAX) sentence = sentence.substring(0, SENTENCE_MAX);
            if (Envelope.text(advice, "confidence").equals(UNSURE)) return none(sentence);
            for (Transport each : Transport.values()) {
                if (word.equals(each == Transport.POLLING ? "poll" : each.toString())) {
                    return new Advised(EnumSet.range(each, Transport.POLLING), sentence);
                }
            }
            return none(sentence);
        } catch (Json.Malformed notFromTheServer) {
            return none("The server gives no advice.");
        }
    }

    private static Advised none(String sentence) {
        return new Advised(EnumSet.allOf(Transport.class), sentence);
    }
}
