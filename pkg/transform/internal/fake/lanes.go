package fake

// The lanes of a seed. Two kinds that share a lane share the choice.
const (
	laneGiven = iota
	laneFamily
	laneSuffix
	laneHost
	lanePhone
	laneCity
	lanePostcode
	laneHouse
	laneRoad
	laneRoadName
	laneFirm
	lanePartner
	laneFirmKind
	laneGender
	laneMiddle
	laneBirth
	laneLatitude
	laneLongitude
	lanePlate
	laneAddress4
	laneAddress6
	laneMAC
	laneAgent
	laneUUID
	laneUUIDLow
	laneJob
	laneDepartment
	laneWords
	laneColor
	laneProduct
	laneMaterial
	laneAdjective
	laneNumber
	laneDate
	laneTime
	laneChoice
	laneAddress6Low
)
