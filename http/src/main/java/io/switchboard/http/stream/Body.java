package io.switchboard.http.stream;

import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Payloads;
import io.switchboard.http.wire.JsonMessages;
import io.switchboard.http.wire.Utf8;

/** The messages of a request's body, checked as the channel's type demands. */
sealed interface Body {
    record Messages(Payloads payloads) implements Body {}

    /** A JSON array without elements: no messages. */
    record EmptyArray() implements Body {}

    record Refused(String sentence) implements Body {}

    /** @param bytes 1 or more */
    static Body of(ContentType type, byte[] bytes) {
        return switch (type.kind()) {
            case BINARY -> new Messages(Payloads.one(bytes));
            case TEXT ->
                Utf8.isValid(bytes, 0, bytes.length)
                        ? new Messages(Payloads.one(bytes))
                        : new Refused("The messages of a text channel are valid UTF-8.");
            case JSON ->
                switch (JsonMessages.split(bytes)) {
                    case JsonMessages.Result.Messages(Payloads payloads) -> new Messages(payloads);
                    case JsonMessages.Result.EmptyArray() -> new EmptyArray();
                    case JsonMessages.Result.Invalid invalid -> new Refused(invalid.sentence());
                    case JsonMessages.Result.TooMany() ->
                        new Refused("One append has at most " + JsonMessages.MESSAGES_MAX + " messages.");
                };
        };
    }
}
