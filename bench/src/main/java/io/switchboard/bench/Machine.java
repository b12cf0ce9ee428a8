package io.switchboard.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What this machine and this process have and use. Where a system does not tell, it is empty. */
public final class Machine {
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final Path PORTS = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final long KILOBYTE = 1024;

    private Machine() {}

    /** Such as {@code 2 × Xeon, 23 GB, Linux 6.1 amd64}. */
    public static String description() {
        StringBuilder text = new StringBuilder();
        text.append(Runtime.getRuntime().availableProcessors()).append(" x ");
        text.append(line(PROCESSORS, "model name").orElse("processor").replaceAll("\\s+", " "));
        memory("MemTotal").ifPresent(bytes -> text.append(", ").append(Text.bytes(bytes)));
        return text.append(", ")
                .append(System.getProperty("os.name"))
                .append(' ')
                .append(System.getProperty("os.version"))
                .append(' ')
                .append(System.getProperty("os.arch"))
                .toString();
    }

    static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** The share of its memory that is left, 0 to 1. */
    static Optional<Double> memoryLeft() {
        Optional<Long> all = memory("MemTotal");
        Optional<Long> left = memory("MemAvailable");
        if (all.isEmpty() || left.isEmpty()) return Optional.empty();
        return Optional.of((double) left.get() / all.get());
    }

    private static Optional<Long> memory(String what) {
        return line(MEMORY, what).map(text -> Long.parseLong(text.replaceAll("\\D", "")) * KILOBYTE);
    }

    /** Such as {@code 32768 to 60999}. */
    static Optional<String> portRange() {
        try {
            return Optional.of(Files.readString(PORTS).strip().replaceAll("\\s+", " to "));
        } catch (IOException notTold) {
            return Optional.empty();
        }
    }

    /** What follows a name and a colon. */
    private static Optional<String> line(Path file, String name) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip());
        } catch (IOException notTold) {
            return Optional.empty();
        }
    }

    /** File handles that this process may still take. */
    static long filesLeft() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount()
                : Long.MAX_VALUE;
    }

    static long[] cpuNanos(List<Long> threads) {
        ThreadMXBean all = ManagementFactory.getThreadMXBean();
        return threads.stream().mapToLong(all::getThreadCpuTime).toArray();
    }
}
