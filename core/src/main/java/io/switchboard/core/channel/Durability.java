package io.switchboard.core.channel;

/** What an acknowledged append survives; readers see a message only once it is as durable as this. */
public enum Durability {
    /** Survives nothing but an orderly stop. */
    MEMORY,
    /** Survives a killed process: handed to the operating system. */
    OS,
    /** Survives a power cut: forced to the device, many appends at a time. */
    FSYNC
}
