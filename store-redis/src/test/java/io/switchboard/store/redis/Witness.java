package io.switchboard.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.core.channel.Block;
import io.switchboard.core.channel.Offset;
import io.switchboard.core.channel.Run;
import io.switchboard.core.store.AppendOutcome;
import io.switchboard.core.store.Found;
import io.switchboard.core.store.ReadOutcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** Remembers which message every offset named, and says so when one of them ever names another. Any thread. */
final class Witness {
    private final Map<String, String> messages = new ConcurrentHashMap<>(); // by channel and offset

    void saw(String channel, Offset offset, String message) {
        String before = messages.putIfAbsent(channel + " " + offset, message);
        if (before != null)
            assertThat(message).as("message of %s at %s", channel, offset).isEqualTo(before);
    }

    /** An append of one message that was acknowledged: where it says it is. */
    void saw(String channel, String message, AppendOutcome outcome) {
        if (!(outcome instanceof AppendOutcome.Appended appended)) return;
        saw(channel, appended.offset(), message);
        Block block = Objects.requireNonNull(appended.block());
        assertThat(block.generation()).isEqualTo(appended.offset().generation());
        int index = (int) (appended.offset().sequence() - block.firstSequence());
        assertThat(new String(block.message(index), StandardCharsets.UTF_8)).isEqualTo(message);
    }

    /** All messages of a channel that are retained, as {@code node} reads them, each at the offset it has. */
    List<String> reads(Node node, String channel) {
        Found found = node.ask().found(channel);
        List<String> read = new ArrayList<>();
        long at = found.tail().start();
        while (at < found.tail().sequence()) {
            ReadOutcome outcome = node.ask().read(found.info().id(), at, 64 * 1024);
            assertThat(outcome).isInstanceOf(ReadOutcome.Messages.class);
            Run run = ((ReadOutcome.Messages) outcome).run();
            assertThat(run.firstSequence()).isEqualTo(at + 1);
            for (Run.Slice slice : run.slices()) {
                for (int i = slice.from(); i < slice.to(); i++) {
                    Offset offset =
                            new Offset(slice.block().generation(), slice.block().firstSequence() + i);
                    if (offset.sequence() <= found.tail().sequence()) { // the others came after that
                        assertThat(found.info().lineage().offsetAt(offset.sequence()))
                                .isEqualTo(offset);
                    }
                    String message = new String(slice.block().message(i), StandardCharsets.UTF_8);
                    saw(channel, offset, message);
                    read.add(message);
                }
            }
            at = run.lastSequence();
        }
        return read;
    }
}
