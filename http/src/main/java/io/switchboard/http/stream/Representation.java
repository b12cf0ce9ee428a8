package io.switchboard.http.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.switchboard.core.channel.ChannelInfo;
import io.switchboard.core.channel.ChannelName;
import io.switchboard.core.channel.ContentType;
import io.switchboard.core.channel.Run;
import io.switchboard.http.wire.Envelope;
import java.util.ArrayList;
import java.util.List;

/** What the messages of a channel look like in the body of an answer: {@code as=} of a read. */
enum Representation {
    /** As they were published: a JSON array of them, or the bytes end to end. */
    MESSAGES {
        @Override
        String contentType(ChannelInfo info) {
            return info.type().value();
        }

        @Override
        boolean isArray(ChannelInfo info) {
            return info.type().kind() == ContentType.Kind.JSON;
        }

        @Override
        String mark() {
            return "";
        }

        @Override
        Run oldest(ChannelName channel, Run run, int bytesMax) {
            return run;
        }

        @Override
        Run newest(ChannelName channel, Run run, int bytesMax) {
            return run;
        }

        @Override
        ByteBuf body(ChannelInfo info, Run run) {
            return isArray(info) ? array(run) : bytes(run);
        }
    },

    /** Each in its envelope, an array of them, whatever the type of the channel (spec/protocol.md, section 2.7). */
    ENVELOPES {
        @Override
        String contentType(ChannelInfo info) {
            return ContentType.JSON.value();
        }

        @Override
        boolean isArray(ChannelInfo info) {
            return true;
        }

        @Override
        String mark() {
            return ":e";
        }

        @Override
        Run oldest(ChannelName channel, Run run, int bytesMax) {
            long bytes = 0;
            long around = Envelope.bytesAround(channel);
            for (Run.Slice slice : run.slices()) {
                for (int i = slice.from(); i < slice.to(); i++) {
                    bytes += around + slice.block().end(i) - slice.block().start(i);
                    long sequence = slice.block().firstSequence() + i;
                    if (bytes > bytesMax && sequence > run.firstSequence()) {
                        return run.between(run.firstSequence() - 1, sequence - 1);
                    }
                }
            }
            return run;
        }

        @Override
        Run newest(ChannelName channel, Run run, int bytesMax) {
            long bytes = 0;
            long around = Envelope.bytesAround(channel);
            for (Run.Slice slice : run.slices().reversed()) {
                for (int i = slice.to() - 1; i >= slice.from(); i--) {
                    bytes += around + slice.block().end(i) - slice.block().start(i);
                    long sequence = slice.block().firstSequence() + i;
                    if (bytes > bytesMax && sequence < run.lastSequence()) return run.after(sequence);
                }
            }
            return run;
        }

        @Override
        ByteBuf body(ChannelInfo info, Run run) {
            List<byte[]> envelopes = new ArrayList<>(Math.toIntExact(run.count()));
            long size = run.count() + 1;
            for (Run.Slice slice : run.slices()) {
                for (int i = slice.from(); i < slice.to(); i++) {
                    byte[] envelope = Envelope.of(info.name(), info.type(), slice.block(), i);
                    envelopes.add(envelope);
                    size += envelope.length;
                }
            }
            int bytes = Math.toIntExact(size);
            ByteBuf array = ByteBufAllocator.DEFAULT.ioBuffer(bytes, bytes).writeByte('[');
            for (byte[] envelope : envelopes) {
                if (array.writerIndex() > 1) array.writeByte(',');
                array.writeBytes(envelope);
            }
            return array.writeByte(']');
        }
    };

    /** What {@code as} says for {@link #ENVELOPES}. */
    static final String ENVELOPES_WORD = "envelopes";

    abstract String contentType(ChannelInfo info);

    /** Whether a body is a JSON array of messages, also of none; else it is bytes. */
    abstract boolean isArray(ChannelInfo info);

    /** What sets its entity tags apart from those of other representations. */
    abstract String mark();

    /**
     * As many of the first messages of {@code run} as may be in one answer, at least one.
     *
     * @param bytesMax of the answer, before what base64 and escapes add
     */
    abstract Run oldest(ChannelName channel, Run run, int bytesMax);

    /** As {@link #oldest}, of the last messages. */
    abstract Run newest(ChannelName channel, Run run, int bytesMax);

    /** The messages as one body: a buffer the caller owns, ready to be sent as it is. */
    abstract ByteBuf body(ChannelInfo info, Run run);

    private static ByteBuf array(Run run) {
        int size = Math.toIntExact(run.payloadBytes() + run.count() + 1);
        ByteBuf array = ByteBufAllocator.DEFAULT.ioBuffer(size, size).writeByte('[');
        for (Run.Slice slice : run.slices()) {
            byte[] bytes = slice.block().bytes();
            for (int i = slice.from(); i < slice.to(); i++) {
                if (array.writerIndex() > 1) array.writeByte(',');
                int start = slice.block().start(i);
                array.writeBytes(bytes, start, slice.block().end(i) - start);
            }
        }
        return array.writeByte(']');
    }

    /** The messages end to end: a buffer the caller owns. */
    static ByteBuf bytes(Run run) {
        int size = Math.toIntExact(run.payloadBytes());
        ByteBuf bytes = ByteBufAllocator.DEFAULT.ioBuffer(size, size);
        for (Run.Slice slice : run.slices()) {
            bytes.writeBytes(slice.block().bytes(), slice.block().start(slice.from()), slice.payloadBytes());
        }
        return bytes;
    }
}
