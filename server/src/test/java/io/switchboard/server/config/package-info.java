/**
 * Checks configuration as an operator meets it: texts in, settings or sentences out.
 * It must not know what the server does with a setting.
 */
@NullMarked
package io.switchboard.server.config;

import org.jspecify.annotations.NullMarked;
