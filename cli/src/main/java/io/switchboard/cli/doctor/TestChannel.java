package io.switchboard.cli.doctor;

import java.nio.charset.StandardCharsets;

/**
 * A channel that test messages are published to.
 *
 * @param created by this run, which removes it again
 */
record TestChannel(String name, String type, boolean created) {
    /** Messages of channels of other types cannot be told apart on an event stream. */
    static boolean canCarry(String type) {
        return type.startsWith("application/json") || type.startsWith("text/");
    }

    /** Appends a message with a word that no other message has. */
    Answer publish(Visit visit, String word) throws WireFailure {
        String message = type.startsWith("application/json")
                ? "{\"switchboard-doctor\":\"" + word + "\"}"
                : "switchboard-doctor " + word;
        return visit.ask(
                visit.signed(Ask.of("POST", Target.stream(name))).body(type, message.getBytes(StandardCharsets.UTF_8)));
    }

    void remove(Visit visit) {
        if (!created) return;
        try {
            visit.ask(visit.signed(Ask.of("DELETE", Target.stream(name))));
        } catch (WireFailure gone) {
            // It expires by itself.
        }
    }
}
