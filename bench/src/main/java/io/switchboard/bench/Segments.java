package io.switchboard.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Segments of TCP that a connection sent and got, acknowledgements with them, and what their heads of TCP and IP took: as
 * Linux tells in {@code struct tcp_info} (linux/tcp.h, since 4.2). Elsewhere nothing is known.
 *
 * @param count both ways
 * @param headBytes 20 of IPv4 and 20 of TCP each, and 12 more where both sides stamp times, as they do unless told otherwise
 */
record Segments(long count, long headBytes) {
    static final Segments NONE = new Segments(0, 0);

    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;
    private static final int LENGTH = 256;
    private static final int TOLD = 144; // up to tcpi_segs_in
    private static final int OPTIONS_AT = 5;
    private static final int TIMESTAMPS = 1; // a bit of the options
    private static final int SENT_AT = 136;
    private static final int GOT_AT = 140;
    private static final int HEAD = 40;
    private static final int STAMP = 12;
    private static final @Nullable MethodHandle GETSOCKOPT = getsockopt();

    @SuppressWarnings("restricted") // the launcher allows it
    private static @Nullable MethodHandle getsockopt() {
        if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux")) return null;
        try {
            Linker linker = Linker.nativeLinker();
            return linker.defaultLookup()
                    .find("getsockopt")
                    .map(function -> linker.downcallHandle(
                            function,
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS)))
                    .orElse(null);
        } catch (UnsupportedOperationException | IllegalCallerException notHere) {
            return null;
        }
    }

    /** @param descriptor of a connected socket of TCP */
    static Segments of(int descriptor) {
        MethodHandle function = GETSOCKOPT;
        if (function == null) return NONE;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(LENGTH);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, LENGTH);
            int code = (int) function.invokeExact(descriptor, IPPROTO_TCP, TCP_INFO, info, length);
            if (code != 0 || length.get(ValueLayout.JAVA_INT, 0) < TOLD) return NONE;
            long count = Integer.toUnsignedLong(info.get(ValueLayout.JAVA_INT, SENT_AT))
                    + Integer.toUnsignedLong(info.get(ValueLayout.JAVA_INT, GOT_AT));
            boolean stamped = (info.get(ValueLayout.JAVA_BYTE, OPTIONS_AT) & TIMESTAMPS) != 0;
            return new Segments(count, count * (stamped ? HEAD + STAMP : HEAD));
        } catch (Throwable impossible) { // a handle may throw anything; this one calls C, which throws nothing
            return NONE;
        }
    }

    Segments plus(Segments more) {
        return new Segments(count + more.count, headBytes + more.headBytes);
    }

    Segments minus(Segments before) {
        return new Segments(count - before.count, headBytes - before.headBytes);
    }
}
