// The AAR: the sources of the JVM package, Android's key store, and the native library of each processor.
//
// `scripts/make-jni-libs.sh` builds the native libraries first; they are not in the tree.

plugins {
    alias(libs.plugins.android.library)
    alias(libs.plugins.kotlin.android)
    alias(libs.plugins.kotlin.serialization)
}

group = "taxrefund"
version = "0.1.0"

android {
    namespace = "taxrefund.android"
    compileSdk = 36

    defaultConfig {
        // java.time and java.util.Base64 are there from here on.
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }

    sourceSets["main"].kotlin.srcDirs("../src/main/kotlin", "../src/bridge/kotlin")
    sourceSets["main"].jniLibs.srcDirs("src/main/jniLibs")

    publishing {
        singleVariant("release") { withSourcesJar() }
    }
}

kotlin {
    compilerOptions {
        jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_11
    }
}

dependencies {
    api(libs.coroutines)
    api(libs.serialization)
    // With the libraries of JNA itself for each processor.
    implementation(libs.jna) {
        artifact { type = "aar" }
    }
}
