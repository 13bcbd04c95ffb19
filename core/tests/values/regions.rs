use super::*;

#[test]
fn every_assigned_region_is_known_once() {
    let codes: Vec<Region> = Region::all().collect();
    assert_eq!(codes.len(), 249);
    assert!(codes.windows(2).all(|pair| pair[0].code() < pair[1].code()));
    assert!(codes.iter().all(|r| is_region(r.code()) && Region::parse(r.code()) == Ok(*r)));
    assert!(["SG", "CN", "DE", "GB", "TW", "HK", "MO"].into_iter().all(is_region));
    assert!(!["UK", "sg", "SGP", "XK", "EU", ""].into_iter().any(is_region));
}

#[test]
fn each_usual_mistake_in_a_region_says_what_to_write() {
    for (given, code, says) in [
        ("sg", "region_lower_case", "\"SG\""),
        ("Sg", "region_lower_case", "\"SG\""),
        ("SGP", "region_alpha3", "\"SG\""),
        ("gbr", "region_alpha3", "\"GB\""),
        ("UK", "region_colloquial", "\"GB\""),
        ("uk", "region_colloquial", "\"GB\""),
        ("EL", "region_colloquial", "\"GR\""),
        ("EU", "region_not_a_country", "one country"),
        ("702", "region_shape", "\"702\""),
        ("SG ", "region_shape", "\"SG \""),
        ("Singapore", "region_shape", "9 characters"),
        ("", "region_shape", "\"\""),
        ("QQ", "region_unknown", "\"QQ\""),
    ] {
        let error = Region::parse(given).unwrap_err();
        assert_eq!(error.code(), code, "{given}");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn a_region_is_text_in_json() {
    let region = Region::parse("DE").unwrap();
    assert_eq!(serde_json::to_string(&region).unwrap(), "\"DE\"");
    assert_eq!(serde_json::from_str::<Region>("\"DE\"").unwrap(), region);
    assert!(serde_json::from_str::<Region>("\"UK\"").is_err());
}
