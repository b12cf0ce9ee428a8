package io.switchboard.server.config;

/**
 * How much of anything the server takes at a time; {@link Keys} says what happens beyond each.
 *
 * @param connections open ones in all
 * @param connectionsPerAddress open ones from one address
 * @param streamsPerConnection open ones on one connection of HTTP/2 or HTTP/3
 * @param requestLineBytes of one request
 * @param headers fields of one request
 * @param headerBytes of one request
 * @param messageBytes of one message, and of one request's body
 * @param readBytes that one catch-up read returns
 * @param bodyBytesInFlight of all requests together
 * @param appendsInFlight handed to the store and not answered
 * @param appendsPerSecondPerChannel by anybody
 * @param appendsPerSecondPerSubject to any channel
 * @param liveChannels on one shared event stream
 * @param subscriptions on one WebSocket
 * @param producersPerChannel idempotent producers that are remembered
 */
public record Limits(
        int connections,
        int connectionsPerAddress,
        int streamsPerConnection,
        int requestLineBytes,
        int headers,
        int headerBytes,
        int messageBytes,
        int readBytes,
        long bodyBytesInFlight,
        int appendsInFlight,
        int appendsPerSecondPerChannel,
        int appendsPerSecondPerSubject,
        int liveChannels,
        int subscriptions,
        int producersPerChannel) {

    public Limits {
        Keys.LIMITS_CONNECTIONS.require(connections);
        Keys.LIMITS_CONNECTIONS_PER_ADDRESS.require(connectionsPerAddress);
        Keys.LIMITS_STREAMS_PER_CONNECTION.require(streamsPerConnection);
        Keys.LIMITS_REQUEST_LINE_BYTES.require(requestLineBytes);
        Keys.LIMITS_HEADERS.require(headers);
        Keys.LIMITS_HEADER_BYTES.require(headerBytes);
        Keys.LIMITS_MESSAGE_BYTES.require(messageBytes);
        Keys.LIMITS_READ_BYTES.require(readBytes);
        Keys.LIMITS_BODY_BYTES_IN_FLIGHT.require(bodyBytesInFlight);
        Keys.LIMITS_APPENDS_IN_FLIGHT.require(appendsInFlight);
        Keys.LIMITS_APPENDS_PER_SECOND_PER_CHANNEL.require(appendsPerSecondPerChannel);
        Keys.LIMITS_APPENDS_PER_SECOND_PER_SUBJECT.require(appendsPerSecondPerSubject);
        Keys.LIMITS_LIVE_CHANNELS.require(liveChannels);
        Keys.LIMITS_SUBSCRIPTIONS.require(subscriptions);
        Keys.LIMITS_PRODUCERS_PER_CHANNEL.require(producersPerChannel);
    }
}
